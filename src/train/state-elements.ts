import type { ModelConfig } from "../model/config/model-config.js";
import { elements } from "../model/config/parameter-counts.js";
import { parameters, type Parameter } from "../model/config/parameters.js";
import { isTrained, type Window } from "../model/config/window.js";
import type { TrainingSettings } from "./settings.js";

/** The settings that determine what is kept per trained parameter. */
export type StateSettings = Pick<TrainingSettings, "optimizer" | "tailAverage">;

export function usesMuon({ layer, shape }: Parameter, { optimizer }: Pick<StateSettings, "optimizer">): boolean {
  return optimizer === "muon" && layer !== null && shape.length === 2;
}

/** Elements of the moments and the mean of all trained tensors: of AdamW two moments, of Muon one. */
export function stateElements(config: ModelConfig, window: Window, settings: StateSettings): number {
  const copies = (parameter: Parameter) => (usesMuon(parameter, settings) ? 1 : 2) + (settings.tailAverage > 0 ? 1 : 0);
  return parameters(config)
    .filter((parameter) => isTrained(parameter, window))
    .reduce((sum, parameter) => sum + copies(parameter) * elements(parameter.shape), 0);
}
