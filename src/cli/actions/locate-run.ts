import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadRecipe } from "../../recipe/load-recipe.js";
import type { Recipe } from "../../recipe/recipe.js";
import type { Store } from "../../jobs/job-folder.js";
import { StrataError } from "../../errors/strata-error.js";

export interface RunArguments {
  readonly set: readonly string[];
  /** Default: `runs`, or the parent of a run's folder. */
  readonly runs?: string;
}

/**
 * Finds the recipe and the store of a run.
 *
 * @param path  a recipe, or the folder of a run, which contains its resolved recipe
 */
export async function locateRun(path: string, { set, runs }: RunArguments): Promise<{ recipe: Recipe; store: Store }> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder) return { recipe: await loadRecipe(path, set), store: { folder: runs ?? "runs" } };
  const resolved = join(path, "recipe.yaml");
  if (!existsSync(resolved)) {
    throw new StrataError("RecipeError", {
      where: path,
      expected: "a recipe file, or the folder of a run with its recipe.yaml",
      got: "a folder without recipe.yaml",
      hint: "`strata run` creates such a folder for each recipe, for example runs/demo.",
    });
  }
  return { recipe: await loadRecipe(resolved, set), store: { folder: runs ?? dirname(path) } };
}
