import type { ModelConfig } from "./model-config.js";
import { parameters } from "./parameters.js";
import { isTrained, type Window } from "./window.js";

/** Elements of a tensor. */
export const elements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

export function totalParameters(config: ModelConfig): number {
  return parameters(config).reduce((sum, { shape }) => sum + elements(shape), 0);
}

export function trainableParameters(config: ModelConfig, window: Window): number {
  return parameters(config)
    .filter((parameter) => isTrained(parameter, window))
    .reduce((sum, { shape }) => sum + elements(shape), 0);
}

/** Elements of the matrices of one layer and of the head: a token's forward multiplies and adds with each once. */
export function matrixElements(config: ModelConfig) {
  const layer = parameters(config)
    .filter((parameter) => parameter.layer === 0 && parameter.decay)
    .reduce((sum, { shape }) => sum + elements(shape), 0);
  return { layer, head: config.vocabSize * config.hiddenSize };
}

/** Matrix products and causal attention of one token's forward in sequences of T. */
export function forwardFlopsPerToken(config: ModelConfig, T: number): number {
  const { layer, head } = matrixElements(config);
  const attention = 2 * config.layers * config.attentionHeads * config.headDim * T;
  return 2 * (config.layers * layer + head) + attention;
}
