import { stringify } from "yaml";
import type { Recipe } from "./recipe.js";
import { formatWindowRecipe } from "./window.js";

/** YAML with every value written out, that parses back to the same recipe wherever it lies. */
export function formatRecipe(recipe: Recipe): string {
  const written = {
    ...recipe,
    tokenizer: recipe.tokenizer ?? undefined,
    strategies: recipe.strategies.map((strategy) =>
      typeof strategy === "string" ? strategy : { ...strategy, windows: strategy.windows.map(formatWindowRecipe) },
    ),
  };
  return stringify(written, { aliasDuplicateObjects: false, lineWidth: 0 });
}
