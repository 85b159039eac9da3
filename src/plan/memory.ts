import { headChunkRows } from "../device/head-chunk.js";
import type { ComputeDType } from "../device/kernels.js";
import type { ModelConfig } from "../model/config/model-config.js";
import { elements, trainableParameters } from "../model/config/parameter-counts.js";
import { parameters, type Parameter } from "../model/config/parameters.js";
import { isTrained, type Window } from "../model/config/window.js";
import { trainingRowBytes } from "../model/layers/activations.js";
import { backwardWidths } from "../model/layers/backward.js";
import { rowBytes } from "../model/layers/row-buffers.js";
import { bytesPerElement } from "../tensor/dtype.js";
import { muonWorkElements } from "../train/muon.js";
import { stateElements, usesMuon, type StateSettings } from "../train/state-elements.js";

export interface TrainingMemory {
  readonly weights: number;
  readonly gradients: number;
  readonly optimizer: number;
  readonly activations: number;
  /** Logits of one chunk of rows. */
  readonly logits: number;
  readonly process: number;
  readonly total: number;
}

/** Measured: Node with the program (60 MB), packed panels of matrix products (30 MB), file buffers (10 MB). */
const processBytes = 100e6;

/** Settings of a training that change its memory. */
export interface MemorySavings extends StateSettings {
  /** Keep the activations of one layer only. */
  readonly activationCheckpointing: boolean;
  /** Keep trained weights, gradients and moments in memory only while they are used. */
  readonly offload: boolean;
}

/**
 * Memory for training a window: f32 weights, gradients, moments and means of trained parameters; frozen weights in the
 * file's dtype.
 *
 * @param storedBytesPerElement  of the frozen weights in their file
 * @param computeDType           operands of matrix products are kept in it
 */
export function trainingMemoryBytes(
  config: ModelConfig,
  window: Window,
  B: number,
  T: number,
  storedBytesPerElement: number,
  computeDType: ComputeDType,
  savings: MemorySavings,
): TrainingMemory {
  const { activationCheckpointing, offload } = savings;
  const trained = trainableParameters(config, window);
  const held = offload ? residentTrained(config, window, savings) : { weights: trained, gradients: trained };
  const row =
    trainingRowBytes(config, window, computeDType, activationCheckpointing) +
    rowBytes(backwardWidths(config), computeDType) +
    (3 * 4 + bytesPerElement(computeDType)) * config.hiddenSize;
  const bytes = {
    weights: 4 * held.weights + frozenBytes(config, [window], storedBytesPerElement),
    gradients: 4 * held.gradients,
    // With offload, AdamW needs the moments of one chunk while no activations are in memory.
    optimizer: (offload ? 0 : 4 * stateElements(config, window, savings)) + muonBytes(config, window, savings),
    activations: B * T * row,
    logits: 4 * Math.min(B * T, headChunkRows(config.vocabSize)) * config.vocabSize,
    process: processBytes,
  };
  return { ...bytes, total: Object.values(bytes).reduce((a, b) => a + b, 0) };
}

/** Bytes of Muon's work space: two matrices and two Gram matrices of the largest size, in f32. */
function muonBytes(config: ModelConfig, window: Window, settings: StateSettings): number {
  const { matrix, gram } = muonWorkElements(muonMatrices(config, window, settings));
  return 8 * (matrix + gram);
}

function muonMatrices(config: ModelConfig, window: Window, settings: StateSettings): readonly Parameter[] {
  return parameters(config).filter((parameter) => isTrained(parameter, window) && usesMuon(parameter, settings));
}

/**
 * Bytes of the parameters that at least one of these windows does not train. They are mapped from the file, so parts
 * share them.
 */
export function frozenBytes(config: ModelConfig, windows: readonly Window[], storedBytesPerElement: number): number {
  const frozen = parameters(config).filter((parameter) => windows.some((window) => !isTrained(parameter, window)));
  return storedBytesPerElement * frozen.reduce((sum, { shape }) => sum + elements(shape), 0);
}

/**
 * Maximum number of trained elements in memory with `offload`: a layer's weights in the forward, a tensor and its
 * gradient, or a matrix of Muon, which it needs whole, with gradient and momentum.
 */
function residentTrained(
  config: ModelConfig,
  window: Window,
  settings: StateSettings,
): { weights: number; gradients: number } {
  const trained = parameters(config).filter((parameter) => isTrained(parameter, window));
  const largest = Math.max(...trained.map(({ shape }) => elements(shape)));
  const layers = Array.from({ length: config.layers }, (_, layer) =>
    trained.filter((parameter) => parameter.layer === layer),
  );
  const weights = Math.max(
    largest,
    ...layers.map((layer) => layer.reduce((sum, { shape }) => sum + elements(shape), 0)),
  );
  const { matrix } = muonWorkElements(muonMatrices(config, window, settings));
  return { weights, gradients: Math.max(0, 2 * largest - weights, 3 * matrix - weights) };
}

/** The memory of one part, for sums over parts that run in parallel. */
export interface PartMemory {
  readonly window: Window;
  /** Of the part alone. */
  readonly memoryBytes: number;
  /** The model that it starts from: parts with the same start share the pages of its file. */
  readonly start: string;
}

/**
 * Memory of parts that run in parallel on one machine: the private memory of each part, and once per start the frozen
 * weights, which are mapped from its file. A tensor counts as frozen if at least one of the parts does not train it.
 */
export function memoryOfParts(
  config: ModelConfig,
  storedBytesPerElement: number,
  parts: readonly PartMemory[],
): number {
  const unshared = parts.map(
    ({ window, memoryBytes }) => memoryBytes - frozenBytes(config, [window], storedBytesPerElement),
  );
  const shared = [...new Set(parts.map(({ start }) => start))].map((start) =>
    frozenBytes(
      config,
      parts.filter((part) => part.start === start).map(({ window }) => window),
      storedBytesPerElement,
    ),
  );
  return [...unshared, ...shared].reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * The maximum memory of `parallel` parts. Greedy: adds the part with the largest increment. Rounds of one strategy
 * never run in parallel.
 */
export function peakMemory<Part extends PartMemory & { readonly strategy: string; readonly round: number }>(
  config: ModelConfig,
  storedBytesPerElement: number,
  parts: readonly Part[],
  parallel: number,
): number {
  const together: Part[] = [];
  let peak = 0;
  let remaining = parts;
  while (remaining.length > 0 && together.length < parallel) {
    const totals = remaining.map((part) => memoryOfParts(config, storedBytesPerElement, [...together, part]));
    peak = Math.max(...totals);
    const added = remaining[totals.indexOf(peak)];
    together.push(added);
    remaining = remaining.filter(
      (part) => part !== added && (part.strategy !== added.strategy || part.round === added.round),
    );
  }
  return peak;
}
