import { PythonFloat } from "../../python-float.js";
import { failure, typeError, valueError } from "../template-error.js";
import { characters, lengthOf } from "../values/code-points.js";
import { ascii, repr, toText } from "../values/text.js";
import { intOf, textOf, typeName, undefinedError } from "../values/types.js";
import { Dict, PythonObject, Tuple, Undefined, type Value } from "../values/value.js";
import { wholePart } from "./decimal.js";
import { floatDigits } from "./float-format.js";

interface Specification {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | null;
  readonly type: string;
}

/** Python's `format % values`. */
export function percentFormat(format: string, values: Value): string {
  const args: readonly Value[] = values instanceof Tuple ? values.items : [values];
  const mapping = values instanceof Tuple || textOf(values) !== null ? null : values;
  let used = 0;
  let named = false;
  const next = (): Value => {
    if (used >= args.length) throw typeError("not enough arguments for format string");
    return args[used++];
  };
  const pattern = /%(?:\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([^])?/gu;
  const text = format.replace(
    pattern,
    (_match, key: string | undefined, flags: string, width, precision, type: string | undefined) => {
      if (type === undefined) throw valueError("incomplete format");
      const starred = (size: string | undefined): number => (size === "*" ? starSize(next()) : Number(size));
      if (key !== undefined) named = true;
      const lookedUp = key === undefined ? null : { value: lookUp(mapping, key) };
      const wide = width === undefined ? 0 : starred(width);
      const specification = {
        flags: wide < 0 ? `${flags}-` : flags,
        width: Math.abs(wide),
        precision: precision === undefined ? null : Math.max(0, starred(precision)),
        type,
      };
      if (type === "%") return "%";
      return pad(convert(specification, lookedUp === null ? next() : lookedUp.value), specification);
    },
  );
  const isMapping =
    mapping instanceof Dict ||
    Array.isArray(mapping) ||
    mapping instanceof Undefined ||
    mapping instanceof PythonObject;
  if (!named && !isMapping && used < args.length)
    throw typeError("not all arguments converted during string formatting");
  return text;
}

function lookUp(mapping: Value, key: string): Value {
  if (!(mapping instanceof Dict)) throw typeError("format requires a mapping");
  const value = mapping.get(key);
  if (value === undefined) throw failure("KeyError", repr(key));
  return value;
}

function starSize(value: Value): number {
  const int = intOf(value);
  if (int === null) throw typeError("* wants int");
  return Number(int);
}

/** The text without padding: a sign or prefix, and the rest, between which zeros go. */
interface Converted {
  readonly prefix: string;
  readonly body: string;
  readonly isNumber: boolean;
}

function convert({ flags, precision, type }: Specification, value: Value): Converted {
  switch (type) {
    case "s":
    case "r":
    case "a": {
      const text = type === "s" ? toText(value) : type === "r" ? repr(value) : ascii(value);
      const cut = precision === null ? text : characters(text).slice(0, precision).join("");
      return { prefix: "", body: cut, isNumber: false };
    }
    case "c":
      return { prefix: "", body: character(value), isNumber: false };
    case "d":
    case "i":
    case "u":
    case "x":
    case "X":
    case "o":
      return integer(type, flags, precision, value);
    case "e":
    case "E":
    case "f":
    case "F":
    case "g":
    case "G":
      return float(type, flags, precision, value);
  }
  throw valueError(`unsupported format character '${type}'`);
}

function character(value: Value): string {
  const text = textOf(value);
  if (text !== null && lengthOf(text) === 1) return text;
  const int = intOf(value);
  if (int === null) throw typeError("%c requires int or char");
  if (int < 0 || int > 0x10ffff) throw failure("OverflowError", "%c arg not in range(0x110000)");
  return String.fromCodePoint(Number(int));
}

function integer(type: string, flags: string, precision: number | null, value: Value): Converted {
  if (value instanceof Undefined && type !== "x" && type !== "X" && type !== "o") throw undefinedError(value);
  const decimal = type === "d" || type === "i" || type === "u";
  const int = decimal && value instanceof PythonFloat ? wholePart(value.value) : intOf(value);
  if (int === null)
    throw typeError(`%${type} format: ${decimal ? "a real number" : "an integer"} is required, not ${typeName(value)}`);
  const magnitude = BigInt(int) < 0n ? -BigInt(int) : BigInt(int);
  const base = type === "o" ? 8 : decimal ? 10 : 16;
  const digits = magnitude.toString(base).padStart(precision ?? 0, "0");
  const prefix = flags.includes("#") && base !== 10 ? (type === "o" ? "0o" : `0${type}`) : "";
  return {
    prefix: signOf(int < 0, flags) + prefix,
    body: type === "X" ? digits.toUpperCase() : digits,
    isNumber: true,
  };
}

function float(type: string, flags: string, precision: number | null, value: Value): Converted {
  if (value instanceof Undefined) throw undefinedError(value);
  const int = intOf(value);
  if (!(value instanceof PythonFloat) && int === null) throw typeError(`must be real number, not ${typeName(value)}`);
  const number = value instanceof PythonFloat ? value.value : Number(int);
  const style = {
    type: type.toLowerCase() as "e" | "f" | "g",
    precision: precision ?? 6,
    alternate: flags.includes("#"),
    upper: type === type.toUpperCase(),
  };
  return {
    prefix: signOf(number < 0 || Object.is(number, -0), flags),
    body: floatDigits(number, style),
    isNumber: true,
  };
}

function signOf(negative: boolean, flags: string): string {
  return negative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
}

function pad({ prefix, body, isNumber }: Converted, { flags, width }: Specification): string {
  const missing = Math.max(0, width - lengthOf(prefix + body));
  if (flags.includes("-")) return prefix + body + " ".repeat(missing);
  if (isNumber && flags.includes("0")) return prefix + "0".repeat(missing) + body;
  return " ".repeat(missing) + prefix + body;
}
