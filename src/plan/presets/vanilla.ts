import { fullWindow } from "../../model/config/window.js";
import type { StrategyPreset, Windows } from "./preset.js";

/** One worker that trains everything. */
const alone: Windows = ({ layers }) => [fullWindow(layers)];

export const vanilla: StrategyPreset = {
  description: "Ordinary training: one worker trains everything on all data.",
  workers: 1,
  template: () => ({ windows: alone, rounds: 1 }),
};

/**
 * The rival of every strategy: what one of its machines reaches in the same time. With several epochs it takes fresh
 * data instead of repeating a shard.
 */
export const aloneOnShard: StrategyPreset = {
  description:
    "One worker trains everything on one shard, with its schedule finished and nothing merged; with more than one " +
    "epoch, on as many tokens of all data.",
  workers: 1,
  template: ({ epochs, workers }) =>
    epochs !== null && epochs > 1
      ? { windows: alone, rounds: 1, reads: "all", amount: 1 / workers }
      : { windows: alone, rounds: 1, reads: "own" },
};
