import { StrataError } from "../../errors/strata-error.js";
import type { MergeMethod, MethodTable } from "../merge-method.js";
import { linearMethod } from "./linear.js";
import { slerpMethod } from "./slerp.js";
import { tiesMethod } from "./ties.js";
import { unionMethod } from "./union.js";

/** All merge methods by name. Types, recipe keys and messages are derived from this table. */
export const mergeMethods = {
  [linearMethod.name]: linearMethod,
  [slerpMethod.name]: slerpMethod,
  [tiesMethod.name]: tiesMethod,
  [unionMethod.name]: unionMethod,
} as const satisfies MethodTable;

export type MergeMethods = typeof mergeMethods;
export type MergeMethodName = keyof MergeMethods;

export const mergeMethodNames = Object.keys(mergeMethods) as readonly MergeMethodName[];

/** @throws StrataError with the known methods if there is none of this name */
export function findMethod(methods: MethodTable, name: string): MergeMethod {
  if (Object.hasOwn(methods, name)) return methods[name];
  throw new StrataError("MergeError", {
    where: "method",
    expected: `one of ${Object.keys(methods).join(", ")}`,
    got: JSON.stringify(name),
    hint: "Choose one of these merge methods.",
  });
}

/**
 * The values of a method's parameters. Missing ones have their default; other settings are ignored.
 *
 * @throws StrataError for the first parameter out of range
 */
export function parameterValues(method: MergeMethod, settings: object): Record<string, number> {
  const given = settings as Readonly<Record<string, unknown>>;
  const values: Record<string, number> = {};
  for (const [key, parameter] of Object.entries(method.parameters)) {
    const { minimum, maximum, description } = parameter;
    const value = given[key] ?? parameter.default;
    if (typeof value === "number" && value >= minimum && value <= maximum) {
      values[key] = value;
      continue;
    }
    throw new StrataError("MergeError", {
      where: `${key} of the merge method ${method.name}`,
      expected: maximum === Infinity ? `a number of at least ${minimum}` : `a number from ${minimum} to ${maximum}`,
      got: String(value),
      hint: description,
    });
  }
  return values;
}
