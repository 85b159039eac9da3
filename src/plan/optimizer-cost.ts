import type { ModelConfig } from "../model/config/model-config.js";
import { matrixElements } from "../model/config/parameter-counts.js";
import { parameters } from "../model/config/parameters.js";
import { isTrained, type Window } from "../model/config/window.js";
import { muonMultiplications } from "../train/muon.js";
import type { TrainingSettings } from "../train/settings.js";
import { usesMuon } from "../train/state-elements.js";

/**
 * Work of the optimizer per token, in the unit of `stepCost`: Muon's matrix products, once per step. AdamW's work is
 * not counted.
 */
export function optimizerCost(
  config: ModelConfig,
  window: Window,
  settings: Pick<TrainingSettings, "optimizer" | "muonBlockRows" | "batchSize" | "sequenceLength">,
): number {
  const { layer, head } = matrixElements(config);
  const perStep = parameters(config)
    .filter((parameter) => isTrained(parameter, window) && usesMuon(parameter, settings))
    .reduce((sum, { shape: [rows, columns] }) => sum + muonMultiplications(rows, columns, settings.muonBlockRows), 0);
  const perToken = perStep / (settings.batchSize * settings.sequenceLength);
  return perToken / (3 * (config.layers * layer + head));
}
