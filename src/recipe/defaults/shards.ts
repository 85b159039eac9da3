import { findPreset } from "../../plan/presets/presets.js";
import { elements, isMapping, valueAt } from "../errors/issue.js";

/** Without a strategy that fixes the number of workers. */
const fallback = 4;

/**
 * The default of `shards`: the number of windows of the first strategy with several.
 *
 * @param recipe  as written
 */
export function defaultShards(recipe: unknown): number {
  const counts = elements(recipe, ["strategies"]).map(({ value }) => fixedWorkers(value) ?? 1);
  return counts.find((count) => count > 1) ?? fallback;
}

/** The number of workers of a strategy as written; null for a preset with one per shard, or if it is not known. */
export function fixedWorkers(strategy: unknown): number | null {
  if (typeof strategy === "string") return findPreset(strategy)?.workers ?? null;
  if (!isMapping(strategy)) return null;
  const windows = valueAt(strategy, ["windows"]);
  if (Array.isArray(windows)) return windows.length;
  return typeof strategy.preset === "string" ? fixedWorkers(strategy.preset) : null;
}
