import { paperPresets, unionPresets } from "./paper.js";
import type { StrategyPreset } from "./preset.js";
import { roundPresets } from "./rounds.js";
import { aloneOnShard, vanilla } from "./vanilla.js";

/** All strategies that a recipe can name. */
export const strategyPresets: Readonly<Record<string, StrategyPreset>> = {
  vanilla,
  alone: aloneOnShard,
  ...paperPresets,
  ...unionPresets,
  ...roundPresets,
};

export const presetNames: readonly string[] = Object.keys(strategyPresets);

/** The strategies that others are compared with. */
export const baselineNames = ["vanilla", "alone"] as const;

export function findPreset(name: string): StrategyPreset | null {
  return Object.hasOwn(strategyPresets, name) ? strategyPresets[name] : null;
}
