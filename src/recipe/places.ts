import { type Path, formatPath } from "./errors/issue.js";
import type { Recipe } from "./recipe.js";

/** The places of a loaded recipe's values. By recipe, so that recipes stay plain data. */
const places = new WeakMap<Recipe, (path: Path) => string>();

export function rememberPlaces(recipe: Recipe, where: (path: Path) => string): void {
  places.set(recipe, where);
}

/** `file:line:column path` or `--set …`; for a recipe that was not loaded from a file, its name and the path. */
export function placeOf(recipe: Recipe, path: Path): string {
  return places.get(recipe)?.(path) ?? `recipe ${recipe.name} ${formatPath(path)}`;
}
