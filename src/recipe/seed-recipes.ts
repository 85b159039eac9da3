import { placeOf, rememberPlaces } from "./places.js";
import type { DatasetRecipe, Recipe } from "./recipe.js";

/** The run of one seed of a recipe with `seeds`. */
export interface SeedRecipe {
  readonly seed: number;
  /** In the run's folder. */
  readonly folder: string;
  readonly recipe: Recipe;
}

/** One recipe per seed, each the same as with that `seed` alone; null for a recipe without `seeds`. */
export function seedRecipes(recipe: Recipe): SeedRecipe[] | null {
  return recipe.seeds?.map((seed) => ({ seed, folder: `seed-${seed}`, recipe: recipeOfSeed(recipe, seed) })) ?? null;
}

function recipeOfSeed(recipe: Recipe, seed: number): Recipe {
  const { seeds: _seeds, ...others } = recipe;
  const withSeed = (set: DatasetRecipe): DatasetRecipe =>
    "synthetic" in set && set.seed === undefined ? { ...set, seed } : set;
  const data = Object.fromEntries(Object.entries(recipe.data).map(([name, set]) => [name, withSeed(set)]));
  const one: Recipe = { ...others, name: `${recipe.name}-seed-${seed}`, seed, data };
  rememberPlaces(one, (path) => placeOf(recipe, path));
  return one;
}
