import type { StrategyMerge } from "../../merge/settings.js";
import { parseWindow, scaleWindow, type Window } from "../../model/config/window.js";
import type { StrategyPreset } from "./preset.js";

/** Table 1 of the paper: the windows of four parts in a model with 16 layers. */
const paperLayers = 16;
const paperWindows = [
  "0-4 4-8 8-12 12-16",
  "0-8 0-8 8-16 8-16",
  "0-6 4-9 7-13 11-16",
  "0-16 0-16 0-16 0-16",
  "0-4 0-8 8-16 12-16",
  "0-16 4-16 8-16 12-16",
  "0-12 6-12 10-16 4-16",
  "0-4 4-16 4-16 4-16",
  "0-12 12-16 12-16 12-16",
];

/** The paper's nine strategies: one round, windows scaled to the number of layers, merged in pairs by SLERP. */
export const paperPresets = presets("slerp", {}, "The paper's strategy");
/** The same parts, merged again: each tensor is the mean over the parts that trained it. */
export const unionPresets = presets("union", { method: "union" }, "The parts of the paper's strategy");

function presets(
  prefix: string,
  merge: Partial<StrategyMerge>,
  what: string,
): Readonly<Record<string, StrategyPreset>> {
  return Object.fromEntries(
    paperWindows.map((text, i) => {
      const windows = text.split(" ").map((window) => parseWindow(window) as Window);
      const preset: StrategyPreset = {
        description: `${what} ${i + 1}: windows ${text.replaceAll(" ", ", ")} of 16 layers.`,
        workers: windows.length,
        template: () => ({
          windows: ({ layers }) => windows.map((window) => scaleWindow(window, paperLayers, layers)),
          rounds: 1,
          merge,
        }),
      };
      return [`${prefix}-${i + 1}`, preset];
    }),
  );
}
