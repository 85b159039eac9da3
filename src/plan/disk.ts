import type { ModelConfig } from "../model/config/model-config.js";
import { elements, trainableParameters } from "../model/config/parameter-counts.js";
import { parameters, type Parameter } from "../model/config/parameters.js";
import { isTrained, type Window } from "../model/config/window.js";
import { stateElements, type StateSettings } from "../train/state-elements.js";

/** Bytes of a model's file: f32 for parameters that any of these windows trained, the initial dtype for the others. */
export function savedBytes(config: ModelConfig, windows: readonly Window[], storedBytesPerElement: number): number {
  const bytesOf = (parameter: Parameter) =>
    windows.some((window) => isTrained(parameter, window)) ? 4 : storedBytesPerElement;
  return parameters(config).reduce((sum, parameter) => sum + bytesOf(parameter) * elements(parameter.shape), 0);
}

/** Bytes on disk with `offload`: f32 weights, gradients, moments and means of trained parameters. */
export function scratchBytes(config: ModelConfig, window: Window, settings: StateSettings): number {
  return 8 * trainableParameters(config, window) + 4 * stateElements(config, window, settings);
}

/** Bytes of the moments that a worker keeps for its next round. */
export function momentsBytes(config: ModelConfig, window: Window, { optimizer }: StateSettings): number {
  return 4 * stateElements(config, window, { optimizer, tailAverage: 0 });
}

/** Bytes of a checkpoint: f32 weights, moments and means of trained parameters. */
export function checkpointBytes(config: ModelConfig, window: Window, settings: StateSettings): number {
  return 4 * trainableParameters(config, window) + 4 * stateElements(config, window, settings);
}
