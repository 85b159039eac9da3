import { presetStrategy, presetNames } from "../../plan/presets/presets.js";
import { elements, valueAt } from "../errors/issue.js";

/** Without a strategy with several windows. */
const fallback = 4;

/**
 * The default of `shards`: the number of windows of the first strategy with several.
 *
 * @param recipe  as written
 */
export function defaultShards(recipe: unknown): number {
  const counts = elements(recipe, ["strategies"]).map(({ value }) => {
    if (typeof value === "string") return presetNames.includes(value) ? presetStrategy(value, 16).windows.length : 1;
    const windows = valueAt(value, ["windows"]);
    return Array.isArray(windows) ? windows.length : 1;
  });
  return counts.find((count) => count > 1) ?? fallback;
}
