import { presetStrategy, presetNames } from "../../plan/presets/presets.js";
import { elements, valueAt } from "../errors/issue.js";

/** Without `shards:` and without a strategy of several windows. */
const otherwise = 4;

/**
 * How many shards a recipe has if it does not say: the windows of the first strategy with several.
 *
 * @param recipe  as written
 */
export function defaultShards(recipe: unknown): number {
  const counts = elements(recipe, ["strategies"]).map(({ value }) => {
    if (typeof value === "string") return presetNames.includes(value) ? presetStrategy(value, 16).windows.length : 1;
    const windows = valueAt(value, ["windows"]);
    return Array.isArray(windows) ? windows.length : 1;
  });
  return counts.find((count) => count > 1) ?? otherwise;
}
