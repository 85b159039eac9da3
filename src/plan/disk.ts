import type { ModelConfig } from "../model/config/model-config.js";
import { elements, trainableParameters } from "../model/config/parameter-counts.js";
import { parameters, type Parameter } from "../model/config/parameters.js";
import { isTrained, type Window } from "../model/config/window.js";

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
