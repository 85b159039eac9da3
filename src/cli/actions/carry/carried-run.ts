import { StrataError } from "../../../errors/strata-error.js";
import type { Recipe } from "../../../recipe/recipe.js";
import { planAndCheck, prepareRun, type PreparedRun, type RunOptions } from "../../../run/execute-runs.js";

/**
 * Prepares a run whose parts other machines train: the memory of this one does not matter.
 *
 * @throws StrataError for a recipe with `seeds`
 */
export async function prepareCarriedRun(recipe: Recipe, options: RunOptions, folder: string): Promise<PreparedRun> {
  if (recipe.seeds) {
    throw new StrataError("RecipeError", {
      where: `${recipe.name} seeds`,
      expected: "one seed",
      got: recipe.seeds.join(", "),
      hint: "Pack and collect one seed after another: a copy of the recipe for each, with `seed` in place of `seeds`.",
    });
  }
  return prepareRun(await planAndCheck(recipe, { ...options, memoryBytes: undefined }), folder);
}
