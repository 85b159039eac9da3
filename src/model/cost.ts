import { headChunkRows } from "../device/head-chunk.js";
import type { ComputeDType } from "../device/kernels.js";
import { bytesPerElement } from "../tensor/dtype.js";
import { trainingRowBytes } from "./layers/activations.js";
import { backwardWidths } from "./layers/backward.js";
import type { ModelConfig } from "./config/model-config.js";
import { isTrained, lowestLayer, parameters, type Parameter, type Window } from "./config/parameters.js";
import { rowBytes } from "./layers/row-buffers.js";

const elements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

export function totalParameters(config: ModelConfig): number {
  return parameters(config).reduce((sum, { shape }) => sum + elements(shape), 0);
}

export function trainableParameters(config: ModelConfig, window: Window): number {
  return parameters(config)
    .filter((parameter) => isTrained(parameter, window))
    .reduce((sum, { shape }) => sum + elements(shape), 0);
}

/** Elements of the matrices of one layer and of the head: a token's forward multiplies and adds with each once. */
function matrixElements(config: ModelConfig) {
  const layer = parameters(config)
    .filter((parameter) => parameter.layer === 0 && parameter.decay)
    .reduce((sum, { shape }) => sum + elements(shape), 0);
  return { layer, head: config.vocabSize * config.hiddenSize };
}

/**
 * Work per token relative to a step that trains everything: (forward 1 + gradients of inputs for the layers from the
 * lowest trained one up and the head + gradients of the trained weights) / 3. Attention's own products are left out.
 */
export function stepCost(config: ModelConfig, window: Window): number {
  const { layer, head } = matrixElements(config);
  const all = config.layers * layer + head;
  const inputs = (config.layers - lowestLayer(window)) * layer + head;
  const weights = (window.end - window.first) * layer + (window.embeddings ? head : 0);
  return (all + inputs + weights) / (3 * all);
}

/** Matrix products and causal attention of one token's forward in sequences of T. */
export function forwardFlopsPerToken(config: ModelConfig, T: number): number {
  const { layer, head } = matrixElements(config);
  const attention = 2 * config.layers * config.attentionHeads * config.headDim * T;
  return 2 * (config.layers * layer + head) + attention;
}

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

/** Bytes of a model's file: f32 for what one of these windows at least has trained, the start's dtype for the rest. */
export function savedBytes(config: ModelConfig, windows: readonly Window[], storedBytesPerElement: number): number {
  const bytesOf = (parameter: Parameter) =>
    windows.some((window) => isTrained(parameter, window)) ? 4 : storedBytesPerElement;
  return parameters(config).reduce((sum, parameter) => sum + bytesOf(parameter) * elements(parameter.shape), 0);
}

/** Disk that f32 weights, gradients and two moments of what is trained take with `offload`. */
export function scratchBytes(config: ModelConfig, window: Window): number {
  return 16 * trainableParameters(config, window);
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
