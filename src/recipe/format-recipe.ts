import { stringify } from "yaml";
import type { Recipe } from "./recipe.js";
import { recipeSchema } from "./schema/recipe.js";

/** YAML with every value written out. It parses back to the same recipe from any folder. */
export function formatRecipe(recipe: Recipe): string {
  const written = {
    ...inOrder(recipe),
    seed: recipe.seeds ? undefined : recipe.seed,
    tokenizer: recipe.tokenizer ?? undefined,
  };
  return stringify(written, { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** The recipe's keys in the order of the schema, as people write them. */
function inOrder(recipe: Recipe): Recipe {
  const keys = Object.keys(recipeSchema.shape) as (keyof Recipe)[];
  return Object.fromEntries(keys.map((key) => [key, recipe[key]])) as unknown as Recipe;
}
