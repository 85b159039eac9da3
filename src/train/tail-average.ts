import type { DeviceBuffer } from "../device/kernels.js";
import type { Model } from "../model/model.js";
import type { OptimizerState } from "./optimizer-state.js";
import type { StateSettings } from "./state-elements.js";
import { chunks } from "./update.js";

/**
 * Adds the weights after a step to the means if it is one of the last: of N steps the last round(tailAverage · N), at
 * least one.
 *
 * @param step  from 1, of the part
 */
export function addToAverage(
  { device, weights }: Model,
  { average }: OptimizerState,
  { tailAverage }: StateSettings,
  step: number,
  steps: number,
): void {
  const added = step - steps + Math.max(1, Math.round(tailAverage * steps));
  if (added <= 0) return;
  for (const [name, mean] of average) {
    for (const [out, x] of chunks([mean, weights.get(name) as DeviceBuffer])) {
      device.kernels.blend({ out, x, keep: 1 - 1 / added, add: 1 / added });
      for (const chunk of [out, x]) device.release(chunk);
    }
  }
}

/** The model that a part saves at its end; without a step there is no mean, and the weights are those of the start. */
export function averagedModel(model: Model, { average }: OptimizerState, steps: number): Model {
  return average.size === 0 || steps === 0 ? model : { ...model, weights: average };
}
