import type { StrategyMerge } from "../../merge/settings.js";
import { parseWindow, scaleWindow, type Window } from "../../model/config/window.js";
import type { StrategyPreset } from "./preset.js";

/** The paper merges pairs by SLERP, with weight 0.8 for the side that trained a layer if the other did not. */
export const paperMerge: StrategyMerge = {
  method: "slerp",
  trainedShare: 0.8,
  density: 1,
  lambda: 1,
  outerOptimizer: null,
};

/** Table 1 of the paper: the windows of four parts in a model with 16 layers. */
const paperLayers = 16;
const paperWindows = {
  "slerp-1": "0-4 4-8 8-12 12-16",
  "slerp-2": "0-8 0-8 8-16 8-16",
  "slerp-3": "0-6 4-9 7-13 11-16",
  "slerp-4": "0-16 0-16 0-16 0-16",
  "slerp-5": "0-4 0-8 8-16 12-16",
  "slerp-6": "0-16 4-16 8-16 12-16",
  "slerp-7": "0-12 6-12 10-16 4-16",
  "slerp-8": "0-4 4-16 4-16 4-16",
  "slerp-9": "0-12 12-16 12-16 12-16",
};

/** The paper's nine strategies: one round, windows scaled to the number of layers. */
export const paperPresets = Object.fromEntries(
  Object.entries(paperWindows).map(([name, text]) => [name, paperPreset(text)]),
) as Readonly<Record<keyof typeof paperWindows, StrategyPreset>>;

function paperPreset(text: string): StrategyPreset {
  const windows = text.split(" ").map((window) => parseWindow(window) as Window);
  return (layers) => ({
    windows: windows.map((window) => scaleWindow(window, paperLayers, layers)),
    rounds: 1,
    rotate: false,
    merge: paperMerge,
    keepOptimizerState: false,
  });
}
