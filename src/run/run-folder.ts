import { join } from "node:path";
import type { Store } from "../jobs/job-folder.js";
import type { Recipe } from "../recipe/recipe.js";

/** The folder of a recipe's report and records. Job folders are shared by all recipes. */
export function runFolder(store: Store, recipe: Recipe): string {
  return join(store.folder, recipe.name);
}
