import { formatPath, isMapping, type Path } from "../../recipe/errors/issue.js";

/** A value that is not the same in all recipes. */
export interface Difference {
  /** Such as `training.learningRate`; strategies and evaluations are named, not numbered: `strategies.mine.rounds`. */
  readonly key: string;
  /** One per recipe, in JSON; null where the recipe does not have it. */
  readonly values: readonly (string | null)[];
}

/** The values that differ between recipes, in the order of their first appearance; names of runs do not count. */
export function recipeDifferences(recipes: readonly Readonly<Record<string, unknown>>[]): Difference[] {
  const flat = recipes.map(({ name: _name, search: _search, ...recipe }) => new Map(leaves(recipe, [])));
  const keys = [...new Set(flat.flatMap((one) => [...one.keys()]))];
  return keys.flatMap((key) => {
    const values = flat.map((one) => one.get(key) ?? null);
    return values.every((value) => value === values[0]) ? [] : [{ key, values }];
  });
}

function leaves(value: unknown, path: Path): [string, string][] {
  const children = childrenOf(value, path);
  if (children === null) return [[formatPath(path), JSON.stringify(value)]];
  return children.flatMap(([key, child]) => leaves(child, [...path, key]));
}

/** Null for a single value; a list of numbers or texts is one, except for the strategies. */
function childrenOf(value: unknown, path: Path): [string | number, unknown][] | null {
  if (isMapping(value)) return Object.keys(value).length === 0 ? null : Object.entries(value);
  if (!Array.isArray(value)) return null;
  const isStrategies = path.length === 1 && path[0] === "strategies";
  if (!isStrategies && !value.some((item) => typeof item === "object" && item !== null)) return null;
  return value.map((item: unknown, i) => {
    if (isMapping(item) && typeof item.name === "string") return [item.name, withoutName(item)];
    return isStrategies && typeof item === "string" ? [item, "preset"] : [i, item];
  });
}

function withoutName({ name: _name, ...others }: Readonly<Record<string, unknown>>): unknown {
  return others;
}
