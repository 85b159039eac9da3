import { PythonFloat } from "../../python-float.js";
import { isLower, isUpper } from "../methods/text-case.js";
import { calculate } from "../operators/arithmetic.js";
import { equals, isIn, isOrdered, type Order } from "../values/compare.js";
import { bind, type Parameter } from "../values/functions.js";
import { tryIterate, tryLength } from "../values/iterate.js";
import { toText } from "../values/text.js";
import { intOf, textOf } from "../values/types.js";
import { type CallArguments, Dict, Markup, PythonObject, Undefined, type Value } from "../values/value.js";
import type { Environment } from "./filter.js";

export type TestFunction = (value: Value, args: CallArguments, environment: Environment) => boolean;

function test(
  parameters: readonly Parameter[],
  run: (value: Value, values: readonly Value[], environment: Environment) => boolean,
): TestFunction {
  const signature = { parameters };
  return (value, args, environment) => run(value, bind("test", signature, args), environment);
}

const plain = (run: (value: Value) => boolean): TestFunction => test([], (value) => run(value));

function comparing(order: Order): TestFunction {
  return test(["other"], (value, [other]) => isOrdered(value, order, other));
}

function isInteger(value: Value): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

function isSequence(value: Value): boolean {
  if (value instanceof PythonObject) return value.type === "range";
  return tryLength(value) !== null;
}

function isMultiple(value: Value, divisor: Value, rest: number): boolean {
  return equals(calculate("%", value, divisor), rest);
}

const equal = test(["other"], (value, [other]) => equals(value, other));
const unequal = test(["other"], (value, [other]) => !equals(value, other));
const [less, lessOrEqual, greater, greaterOrEqual] = (["<", "<=", ">", ">="] as const).map(comparing);

/** All tests of Jinja 3.1. */
export const tests: Readonly<Record<string, TestFunction>> = {
  odd: plain((value) => isMultiple(value, 2, 1)),
  even: plain((value) => isMultiple(value, 2, 0)),
  divisibleby: test(["num"], (value, [divisor]) => isMultiple(value, divisor, 0)),
  defined: plain((value) => !(value instanceof Undefined)),
  undefined: plain((value) => value instanceof Undefined),
  filter: test([], (value, _, environment) => environment.hasFilter(value)),
  test: test([], (value, _, environment) => environment.hasTest(value)),
  none: plain((value) => value === null),
  boolean: plain((value) => typeof value === "boolean"),
  false: plain((value) => value === false),
  true: plain((value) => value === true),
  integer: plain(isInteger),
  float: plain((value) => value instanceof PythonFloat),
  lower: plain((value) => isLower(toText(value))),
  upper: plain((value) => isUpper(toText(value))),
  string: plain((value) => textOf(value) !== null),
  mapping: plain((value) => value instanceof Dict),
  number: plain((value) => value instanceof PythonFloat || intOf(value) !== null),
  sequence: plain(isSequence),
  iterable: plain((value) => tryIterate(value) !== null),
  callable: plain((value) =>
    value instanceof PythonObject ? value.protocol.call !== undefined : value instanceof Undefined,
  ),
  sameas: test(["other"], (value, [other]) => value === other),
  escaped: plain((value) => value instanceof Markup),
  in: test(["seq"], (value, [container]) => isIn(value, container)),
  "==": equal,
  eq: equal,
  equalto: equal,
  "!=": unequal,
  ne: unequal,
  ">": greater,
  gt: greater,
  greaterthan: greater,
  ge: greaterOrEqual,
  ">=": greaterOrEqual,
  "<": less,
  lt: less,
  lessthan: less,
  "<=": lessOrEqual,
  le: lessOrEqual,
};
