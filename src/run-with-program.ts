import { fileURLToPath } from "node:url";
import type { Recipe } from "./recipe/recipe.js";
import { runRecipe as runRecipeWith, type RunOptions, type RunResult } from "./run/run-recipe.js";

/** `program` is this package's own command line if absent. */
export type RunRecipeOptions = Omit<RunOptions, "program"> & Partial<Pick<RunOptions, "program">>;

/** Does all jobs of a recipe that are not done yet, in processes of their own, and writes the report. */
export function runRecipe(recipe: Recipe, options: RunRecipeOptions): Promise<RunResult> {
  return runRecipeWith(recipe, { program: fileURLToPath(new URL("cli/main.js", import.meta.url)), ...options });
}
