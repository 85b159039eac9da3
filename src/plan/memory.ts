import { headChunkRows } from "../device/head-chunk.js";
import type { ComputeDType } from "../device/kernels.js";
import type { ModelConfig } from "../model/config/model-config.js";
import { elements, trainableParameters } from "../model/config/parameter-counts.js";
import { parameters } from "../model/config/parameters.js";
import { isTrained, type Window } from "../model/config/window.js";
import { trainingRowBytes } from "../model/layers/activations.js";
import { backwardWidths } from "../model/layers/backward.js";
import { rowBytes } from "../model/layers/row-buffers.js";
import { bytesPerElement } from "../tensor/dtype.js";

export interface TrainingMemory {
  readonly weights: number;
  readonly gradients: number;
  readonly optimizer: number;
  readonly activations: number;
  /** The head's logits, of some rows at a time. */
  readonly logits: number;
  readonly process: number;
  readonly total: number;
}

/** Node with the program loaded (60 MB), packed panels of matrix products (30), pieces of files on their way (30): measured. */
const processBytes = 120e6;

/** What memory is saved with. */
export interface MemorySavings {
  /** One layer's activations at a time. */
  readonly activationCheckpointing: boolean;
  /** Of trained weights, gradients and moments, those at work at a time. */
  readonly offload: boolean;
}

/**
 * Bytes of training a window: f32 weights, gradients and two moments for what is trained, the file's dtype for the rest.
 *
 * @param storedBytesPerElement  of the frozen weights in their file
 * @param products               what the device multiplies; operands are kept in it
 */
export function trainingMemoryBytes(
  config: ModelConfig,
  window: Window,
  B: number,
  T: number,
  storedBytesPerElement: number,
  products: ComputeDType,
  { activationCheckpointing, offload }: MemorySavings,
): TrainingMemory {
  const trained = trainableParameters(config, window);
  const held = offload ? trainedAtATime(config, window) : { weights: trained, gradients: trained };
  const row =
    trainingRowBytes(config, window, products, activationCheckpointing) +
    rowBytes(backwardWidths(config), products) +
    (3 * 4 + bytesPerElement(products)) * config.hiddenSize;
  const bytes = {
    weights: 4 * held.weights + frozenBytes(config, [window], storedBytesPerElement),
    gradients: 4 * held.gradients,
    // Updating holds both moments of a piece of a tensor, when no layer is at work.
    optimizer: offload ? 0 : 8 * trained,
    activations: B * T * row,
    logits: 4 * Math.min(B * T, headChunkRows(config.vocabSize)) * config.vocabSize,
    process: processBytes,
  };
  return { ...bytes, total: Object.values(bytes).reduce((a, b) => a + b, 0) };
}

/** Bytes, in the file's dtype, of what one of these windows at least does not train: mapped from the file, and so in memory once. */
export function frozenBytes(config: ModelConfig, windows: readonly Window[], storedBytesPerElement: number): number {
  const frozen = parameters(config).filter((parameter) => windows.some((window) => !isTrained(parameter, window)));
  return storedBytesPerElement * frozen.reduce((sum, { shape }) => sum + elements(shape), 0);
}

/** Trained elements that a pass holds together: a layer's weights in its forward, or a tensor and its gradient in the backward. */
function trainedAtATime(config: ModelConfig, window: Window): { weights: number; gradients: number } {
  const trained = parameters(config).filter((parameter) => isTrained(parameter, window));
  const largest = Math.max(...trained.map(({ shape }) => elements(shape)));
  const layers = Array.from({ length: config.layers }, (_, layer) =>
    trained.filter((parameter) => parameter.layer === layer),
  );
  const weights = Math.max(
    largest,
    ...layers.map((layer) => layer.reduce((sum, { shape }) => sum + elements(shape), 0)),
  );
  return { weights, gradients: Math.max(0, 2 * largest - weights) };
}

/** What a part takes that runs beside others on one machine. */
export interface PartMemory {
  readonly window: Window;
  /** Alone. */
  readonly memoryBytes: number;
  /** Names the model that it starts from: parts of one share the pages of its file. */
  readonly start: string;
}

/**
 * Bytes of parts that run at a time on one machine: Σ of what is each part's own, and for each start the frozen weights once,
 * which are mapped from its file. A tensor counts as frozen that one of the parts at least does not train.
 */
export function memoryOfParts(
  config: ModelConfig,
  storedBytesPerElement: number,
  parts: readonly PartMemory[],
): number {
  const own = parts.map(
    ({ window, memoryBytes }) => memoryBytes - frozenBytes(config, [window], storedBytesPerElement),
  );
  const shared = [...new Set(parts.map(({ start }) => start))].map((start) =>
    frozenBytes(
      config,
      parts.filter((part) => part.start === start).map(({ window }) => window),
      storedBytesPerElement,
    ),
  );
  return [...own, ...shared].reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * The most that `parallel` parts take together: from the largest on, always the part is added that adds most. Rounds of one
 * strategy are never at a time.
 */
export function peakMemory<Part extends PartMemory & { readonly strategy: string; readonly round: number }>(
  config: ModelConfig,
  storedBytesPerElement: number,
  parts: readonly Part[],
  parallel: number,
): number {
  const together: Part[] = [];
  let peak = 0;
  let left = parts;
  while (left.length > 0 && together.length < parallel) {
    const totals = left.map((part) => memoryOfParts(config, storedBytesPerElement, [...together, part]));
    peak = Math.max(...totals);
    const added = left[totals.indexOf(peak)];
    together.push(added);
    left = left.filter((part) => part !== added && (part.strategy !== added.strategy || part.round === added.round));
  }
  return peak;
}
