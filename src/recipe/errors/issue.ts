import { StrataError, type ErrorParts } from "../../errors/strata-error.js";

export type Path = readonly (string | number)[];

/** A mistake in a recipe, by its path. The place in the file or the command line is determined later. */
export interface Issue {
  readonly path: Path;
  /** Whether the mistake is the key, not its value. */
  readonly atKey: boolean;
  readonly expected: string;
  readonly got: string;
  readonly hint: string;
}

/** The value at a path of plain data; undefined if there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}

/** Elements of the list at a path, with their paths. */
export function elements(recipe: unknown, path: Path): { path: Path; value: unknown }[] {
  const list = valueAt(recipe, path);
  return Array.isArray(list) ? list.map((value: unknown, i) => ({ path: [...path, i], value })) : [];
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `["strategies", 2, "windows"]` → `strategies[2].windows` */
export function formatPath(path: Path): string {
  return path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))
    .join("")
    .replace(/^\./, "");
}

/** A value as shown in messages. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (isMapping(value)) return Object.keys(value).length === 0 ? "an empty mapping" : "a mapping";
  return String(value);
}

export type RecipeErrors = StrataError & { readonly all: readonly ErrorParts[] };

/**
 * One error for several mistakes. Its message concatenates all messages; `all` has their parts.
 *
 * @param all  at least one
 */
export function recipeErrors(all: readonly ErrorParts[]): RecipeErrors {
  const errors = all.map((parts) => new StrataError("RecipeError", parts));
  const message = errors.map((error, i) => (i === 0 ? error.message : `RecipeError: ${error.message}`)).join("\n");
  return Object.assign(errors[0], { all, message });
}

/** An issue with the value at a path. */
export function issueAt(path: Path, expected: string, got: unknown, hint: string): Issue {
  return { path, atKey: false, expected, got: describeValue(got), hint };
}
