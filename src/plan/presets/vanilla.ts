import { fullWindow } from "../../model/config/window.js";
import { paperMerge } from "./paper.js";
import type { StrategyPreset } from "./preset.js";

/** Ordinary training: one part that trains every layer on all data. There is nothing to merge. */
export const vanilla: StrategyPreset = (layers) => ({
  windows: [fullWindow(layers)],
  rounds: 1,
  rotate: false,
  merge: paperMerge,
  keepOptimizerState: false,
});
