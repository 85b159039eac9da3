import { StrataError } from "../errors/strata-error.js";
import { changeFactor, union } from "./methods/parts/union.js";
import { trainedShare, windowTree } from "./methods/parts/window-tree.js";
import { ties } from "./methods/task-vectors/ties.js";
import type { RoundMethod, RoundMethodTable } from "./round-method.js";

function tree<Name extends string>(
  name: Name,
  isSpherical: boolean,
  description: string,
): RoundMethod<Name, "trainedShare"> {
  return {
    name,
    description,
    method: windowTree,
    takes: "parts",
    parameters: { trainedShare },
    valuesOf: (values) => ({
      values: { trained_share: values.trainedShare, spherical: Number(isSpherical) },
      inputValues: {},
    }),
  };
}

const tiesOfOwners: RoundMethod<"ties", "density" | "lambda"> = {
  name: "ties",
  description: "Adds to the base the mean of the parts' largest changes that agree in sign.",
  method: ties,
  takes: "owners",
  parameters: {
    density: {
      description: "Share of each change that is kept, the largest elements first.",
      type: "number",
      default: 1,
      minimum: 0,
      maximum: 1,
    },
    lambda: changeFactor,
  },
  valuesOf: ({ density, lambda: factor }) => ({
    values: { normalize: 1, rescale: 0, lambda: factor },
    inputValues: { weight: 1, density },
  }),
};

const unionOfOwners: RoundMethod<"union", "lambda"> = {
  name: "union",
  description: "Adds to the base the mean change of the parts that trained a tensor; other parts do not count.",
  method: union,
  takes: "owners",
  parameters: { lambda: changeFactor },
};

/** All merges of rounds by name. Types, recipe keys and messages are derived from this table. */
export const roundMethods = {
  linear: tree("linear", false, "Merges adjacent parts in pairs, by the weighted mean of their weights."),
  slerp: tree("slerp", true, "Merges adjacent parts in pairs, by spherical linear interpolation of their weights."),
  ties: tiesOfOwners,
  union: unionOfOwners,
} as const satisfies RoundMethodTable;

export type RoundMethods = typeof roundMethods;
export type RoundMethodName = keyof RoundMethods;

export const roundMethodNames = Object.keys(roundMethods) as readonly RoundMethodName[];

/** @throws StrataError with the known methods if there is none of this name */
export function findMethod(methods: RoundMethodTable, name: string): RoundMethod {
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
export function parameterValues(method: RoundMethod, settings: object): Record<string, number> {
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
