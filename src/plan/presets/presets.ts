import { StrataError } from "../../errors/strata-error.js";
import type { Strategy } from "../strategy.js";
import { paperPresets } from "./paper.js";
import type { StrategyPreset } from "./preset.js";
import { vanilla } from "./vanilla.js";

/** Every strategy that a recipe can name. */
export const strategyPresets: Readonly<Record<string, StrategyPreset>> = { vanilla, ...paperPresets };

export const presetNames: readonly string[] = Object.keys(strategyPresets);

/** @throws StrataError if no preset has this name */
export function presetStrategy(name: string, layers: number): Strategy {
  if (Object.hasOwn(strategyPresets, name)) return { name, ...strategyPresets[name](layers) };
  throw new StrataError("PlanError", {
    where: "strategy",
    expected: `one of ${presetNames.join(", ")}`,
    got: JSON.stringify(name),
    hint: "Choose a preset, or write a strategy with your own windows.",
  });
}
