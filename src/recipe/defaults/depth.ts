import { valueAt, type Path } from "../errors/issue.js";
import { defaultBatchSize } from "../schema/training.js";
import { batchSizeOfDepth } from "./depth-rules.js";

const shapes: readonly Path[] = [["model"], ["model", "random"], ["model", "pretrain", "shape"]];

/** The `depth` of a recipe as written; null if it has none. */
export function depthOf(recipe: unknown): number | null {
  return shapes.map((path) => countAt(recipe, [...path, "depth"])).find((depth) => depth !== null) ?? null;
}

/** The number of layers; null if the recipe does not contain it. */
export function layersOf(recipe: unknown): number | null {
  return depthOf(recipe) ?? shapes.map((path) => countAt(recipe, [...path, "layers"])).find((n) => n !== null) ?? null;
}

/** The default of `training.batchSize`. */
export function defaultBatchSizeOf(recipe: unknown): number {
  const depth = depthOf(recipe);
  return depth === null ? defaultBatchSize : batchSizeOfDepth(depth);
}

function countAt(recipe: unknown, path: Path): number | null {
  const value = valueAt(recipe, path);
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : null;
}
