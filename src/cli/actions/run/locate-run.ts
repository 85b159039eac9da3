import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { loadRecipe } from "../../../recipe/load-recipe.js";
import type { Recipe } from "../../../recipe/recipe.js";
import { isFolder } from "../../../files/is-folder.js";
import type { Store } from "../../../jobs/job-folder.js";
import { runFolder } from "../../../run/run-folder.js";
import { StrataError } from "../../../errors/strata-error.js";

export interface RunArguments {
  readonly set: readonly string[];
  /** Default: `runs`, or the folder of the jobs of a run's folder. */
  readonly runs?: string;
}

export interface LocatedRun {
  readonly recipe: Recipe;
  readonly store: Store;
  /** Of the run's report and records. */
  readonly folder: string;
  /** The recipe's file. */
  readonly file: string;
}

/**
 * Finds the recipe, the store and the folder of a run.
 *
 * @param path  a recipe, or the folder of a run, which contains its resolved recipe
 */
export async function locateRun(path: string, { set, runs }: RunArguments): Promise<LocatedRun> {
  if (!isFolder(path)) {
    const recipe = await loadRecipe(path, set);
    const store = { folder: runs ?? "runs" };
    return { recipe, store, folder: runFolder(store, recipe), file: path };
  }
  const file = join(path, "recipe.yaml");
  if (!existsSync(file)) {
    throw new StrataError("RecipeError", {
      where: path,
      expected: "a recipe file, or the folder of a run with its recipe.yaml",
      got: "a folder without recipe.yaml",
      hint: "`strata run` creates such a folder for each recipe, for example runs/demo.",
    });
  }
  const recipe = await loadRecipe(file, set);
  const store = { folder: runs ?? storeAround(path) };
  // Within a run, such as runs/demo/seed-1, the name of the recipe is not that of the folder.
  const isNested = runs === undefined && resolve(store.folder) !== resolve(dirname(path));
  return { recipe, store, folder: isNested ? path : runFolder(store, recipe), file };
}

/** The folder with the jobs of a run: around its folder, or one further up for one of its seeds. */
function storeAround(path: string): string {
  const parent = dirname(path);
  const above = dirname(parent);
  return !existsSync(join(parent, "jobs")) && existsSync(join(above, "jobs")) ? above : parent;
}
