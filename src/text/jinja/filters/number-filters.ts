import { PythonFloat } from "../../python-float.js";
import { fixedDigits, roundFloat, wholePart } from "../format/decimal.js";
import { calculate } from "../operators/arithmetic.js";
import { toFloat } from "../operators/numbers.js";
import { failure, typeError, unsupported, valueError } from "../template-error.js";
import { index } from "../values/range.js";
import { intOf, isTrue, textOf, toInt, typeName, undefinedError } from "../values/types.js";
import { Undefined, type Value } from "../values/value.js";
import { stripEnd, stripStart } from "../values/whitespace.js";
import { filter, type FilterFunction } from "./filter.js";

/** Python's `int(text, base)`; null if it raises a ValueError. */
function parseInt(text: string, base: number): number | bigint | null {
  if (base !== 0 && (base < 2 || base > 36)) throw valueError("int() base must be >= 2 and <= 36, or 0");
  const match = /^([-+]?)(?:0([box])_?)?([\da-z]+(?:_[\da-z]+)*)$/i.exec(stripStart(stripEnd(text)));
  if (match === null) return null;
  const [, sign, mark, rest] = match;
  const marked = mark === undefined ? null : ({ b: 2, o: 8, x: 16 }[mark.toLowerCase()] as number);
  const usesMark = marked !== null && (base === 0 || base === marked);
  const digits = (marked !== null && !usesMark ? `0${mark}${rest}` : rest).replaceAll("_", "").toLowerCase();
  const radix = usesMark ? marked : base === 0 ? 10 : base;
  if (base === 0 && !usesMark && /^0+[1-9]/.test(digits)) return null;
  // Python does not read longer ints, unless their base is a power of two.
  if (digits.length > 4300) return null;
  let value = 0n;
  for (const digit of digits) {
    const number = Number.parseInt(digit, 36);
    if (number >= radix) return null;
    value = value * BigInt(radix) + BigInt(number);
  }
  return toInt(sign === "-" ? -value : value);
}

/** Python's `float(value)`; null if it raises a TypeError or ValueError. */
function parseFloat(value: Value): number | null {
  if (value instanceof Undefined) throw undefinedError(value);
  if (value instanceof PythonFloat) return value.value;
  const int = intOf(value);
  if (int !== null) return toFloat(int);
  const text = textOf(value);
  if (text === null) return null;
  const trimmed = stripStart(stripEnd(text)).toLowerCase();
  const special = /^([-+]?)(inf|infinity|nan)$/.exec(trimmed);
  if (special !== null) return special[2] === "nan" ? NaN : special[1] === "-" ? -Infinity : Infinity;
  if (!/^[-+]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[-+]?\d+(?:_\d+)*)?$/.test(trimmed)) return null;
  return Number(trimmed.replaceAll("_", ""));
}

function truncated(value: number): Value {
  return toInt(wholePart(value));
}

function toInteger(value: Value, [byDefault, base]: readonly Value[]): Value {
  if (value instanceof PythonFloat && !Number.isNaN(value.value)) return truncated(value.value);
  const int = intOf(value);
  if (int !== null) return int;
  const text = textOf(value);
  const parsed = text === null ? null : parseInt(text, index(base));
  if (parsed !== null) return parsed;
  const float = parseFloat(value);
  return float === null || !Number.isFinite(float) ? byDefault : truncated(float);
}

function round(value: Value, precision: number, method: Value): Value {
  if (method !== "common" && method !== "ceil" && method !== "floor")
    throw failure("FilterArgumentError", "method must be common, ceil or floor");
  const int = intOf(value);
  if (!(value instanceof PythonFloat) && int === null) {
    if (value instanceof Undefined && method !== "common") throw undefinedError(value);
    throw typeError(`type ${typeName(value)} doesn't define __round__ method`);
  }
  if (method !== "common") return roundDirected(value, precision, method);
  if (int !== null) return precision >= 0 ? int : roundInt(BigInt(int), precision);
  const { value: float } = value as PythonFloat;
  const rounded = Number.isFinite(float) ? roundFloat(float, precision) : float;
  if (Number.isFinite(float) && !Number.isFinite(rounded))
    throw failure("OverflowError", "rounded value too large to represent");
  return new PythonFloat(rounded);
}

/** Half to even, to a power of ten. */
function roundInt(value: bigint, precision: number): Value {
  if (-precision > String(value).length + 1) return 0;
  const unit = 10n ** BigInt(-precision);
  const rest = ((value % unit) + unit) % unit;
  const floor = value - rest;
  const up = 2n * rest > unit || (2n * rest === unit && (floor / unit) % 2n !== 0n);
  return toInt(up ? floor + unit : floor);
}

function roundDirected(value: Value, precision: number, method: "ceil" | "floor"): Value {
  const unit = calculate("**", 10, precision);
  const scaled = calculate("*", value, unit);
  const whole = scaled instanceof PythonFloat ? truncated(Math[method](scaled.value)) : scaled;
  return calculate("/", whole, unit);
}

function fileSize(value: Value, binary: boolean): string {
  const bytes = parseFloat(value);
  if (bytes === null)
    throw textOf(value) === null
      ? typeError(`float() argument must be a string or a real number, not '${typeName(value)}'`)
      : valueError("could not convert string to float");
  if (!Number.isFinite(bytes)) throw unsupported('the filter "filesizeformat" of an infinite number');
  const base = binary ? 1024 : 1000;
  if (bytes === 1) return "1 Byte";
  if (bytes < base) return `${BigInt(Math.trunc(bytes))} Bytes`;
  const prefixes = binary ? ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"] : ["k", "M", "G", "T", "P", "E", "Z", "Y"];
  const at = prefixes.findIndex((_, i) => bytes < base ** (i + 2));
  const power = at === -1 ? prefixes.length - 1 : at;
  return `${fixedDigits((base * bytes) / base ** (power + 2), 1)} ${prefixes[power]}B`;
}

function absolute(value: Value): Value {
  if (value instanceof PythonFloat) return new PythonFloat(Math.abs(value.value));
  const int = intOf(value);
  if (int === null) throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
  return int < 0 ? calculate("-", 0, int) : int;
}

export const numberFilters: Readonly<Record<string, FilterFunction>> = {
  abs: filter("abs", [], absolute),
  int: filter(
    "int",
    [
      ["default", 0],
      ["base", 10],
    ],
    toInteger,
  ),
  float: filter("float", [["default", new PythonFloat(0)]], (value, [byDefault]) => {
    const float = parseFloat(value);
    return float === null ? byDefault : new PythonFloat(float);
  }),
  round: filter(
    "round",
    [
      ["precision", 0],
      ["method", "common"],
    ],
    (value, [precision, method]) => round(value, index(precision), method),
  ),
  filesizeformat: filter("filesizeformat", [["binary", false]], (value, [binary]) => fileSize(value, isTrue(binary))),
};
