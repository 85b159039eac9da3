import type { Path } from "./issue.js";
import { formatPath } from "./issue.js";
import type { Recipe } from "./recipe.js";

/** Where values of a loaded recipe were written; beside the recipe, which stays plain data. */
const places = new WeakMap<Recipe, (path: Path) => string>();

export function rememberPlaces(recipe: Recipe, where: (path: Path) => string): void {
  places.set(recipe, where);
}

/** `file:line:column path` or `--set …`; of a recipe that was not loaded from a file, its name and the path. */
export function placeOf(recipe: Recipe, path: Path): string {
  return places.get(recipe)?.(path) ?? `recipe ${recipe.name} ${formatPath(path)}`;
}
