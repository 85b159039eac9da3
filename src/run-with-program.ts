import { fileURLToPath } from "node:url";
import type { Recipe } from "./recipe/recipe.js";
import type { RunOptions } from "./run/execute-runs.js";
import { runRecipe as runRecipeWith, type RunResult } from "./run/run-recipe.js";

/** `program` defaults to this package's command line. */
export type RunRecipeOptions = Omit<RunOptions, "program"> & Partial<Pick<RunOptions, "program">>;

/** Runs a recipe's unfinished jobs, each in a separate process, and writes the report. */
export function runRecipe(recipe: Recipe, options: RunRecipeOptions): Promise<RunResult> {
  return runRecipeWith(recipe, { program: fileURLToPath(new URL("cli/main.js", import.meta.url)), ...options });
}
