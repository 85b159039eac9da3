import { elements, isMapping, valueAt, type Path } from "../errors/issue.js";
import { onlyDataset } from "../schema/data.js";

/** The data sets of a recipe by name, as written. */
export function datasetsOf(recipe: unknown): Readonly<Record<string, unknown>> {
  const data = valueAt(recipe, ["data"]);
  if (typeof data === "string") return { [onlyDataset]: { files: data } };
  return isMapping(data) ? data : {};
}

/**
 * The data sets that a recipe trains on by default: all that are neither pre-trained on nor evaluated with `split:
 * all`.
 *
 * @param recipe  as written
 */
export function defaultTrainingData(recipe: unknown): string[] {
  const tests = elements(recipe, ["evaluation"]).flatMap(({ value }) =>
    isMapping(value) && value.split === "all" ? [value.data].flat() : [],
  );
  const taken: readonly unknown[] = [...tests, ...namesAt(recipe, ["model", "pretrain", "data"])];
  return Object.keys(datasetsOf(recipe)).filter((name) => !taken.includes(name));
}

function namesAt(recipe: unknown, path: Path): unknown[] {
  const value = valueAt(recipe, path);
  return Array.isArray(value) ? value : [value];
}
