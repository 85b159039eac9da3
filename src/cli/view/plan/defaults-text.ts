import { takenDefaults } from "../../../recipe/defaults/taken-defaults.js";
import type { Recipe } from "../../../recipe/recipe.js";

/** The defaults that a recipe uses, one per line; empty if it sets everything. */
export function defaultsText(recipe: Recipe): string {
  const defaults = takenDefaults(recipe);
  if (defaults.length === 0) return "";
  const width = Math.max(...defaults.map(({ key }) => key.length));
  const lines = defaults.map(({ key, text }) => `  ${key.padEnd(width)}  ${text}\n`);
  return `Defaults taken (see docs/recipe.md):\n${lines.join("")}`;
}
