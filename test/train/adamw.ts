import type { TrainingSettings } from "../../src/train/settings.js";

/** What selects the usual optimizer and the last weights. */
export const plainAdamW = {
  optimizer: "adamw",
  momentum: 0.95,
  muonScaling: "match-rms-adamw",
  muonBlockRows: null,
  tailAverage: 0,
} as const satisfies Partial<TrainingSettings>;
