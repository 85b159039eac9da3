import { PythonFloat } from "../../python-float.js";
import { failure, typeError, unsupported, valueError } from "../template-error.js";
import { characters, lengthOf } from "../values/code-points.js";
import { toText } from "../values/text.js";
import { intOf, textOf, typeName } from "../values/types.js";
import { Markup, type Value } from "../values/value.js";
import { floatDigits, type FloatStyle } from "./float-format.js";

interface Specification {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | null;
  readonly type: string;
}

/** Python's `format(value, specification)`. */
export function formatValue(value: Value, text: string): string {
  if (value instanceof Markup && text !== "") throw unsupported("the format of escaped text");
  const string = textOf(value);
  if (text === "") return toText(value);
  if (string !== null) return formatString(string, parse(text, "str"));
  if (value instanceof PythonFloat) return formatReal(value.value, parse(text, "float"));
  const int = intOf(value);
  if (int === null) throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
  return formatInt(int, parse(text, "int"));
}

const pattern = /^(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?(.)?$/su;

function parse(text: string, type: string): Specification {
  const match = pattern.exec(text);
  if (match === null) throw valueError(`Invalid format specifier '${text}' for object of type '${type}'`);
  const [, fill, align, sign, alternate, zero, width, grouping, precision, code] = match;
  return {
    fill: fill ?? (zero === undefined ? " " : "0"),
    align: align ?? (zero === undefined || type === "str" ? "" : "="),
    sign: sign ?? "",
    alternate: alternate !== undefined,
    width: Number(width ?? 0),
    grouping: grouping ?? "",
    precision: precision === undefined ? null : Number(precision),
    type: code ?? "",
  };
}

function formatString(text: string, specification: Specification): string {
  const { type, sign, alternate, grouping, align, precision } = specification;
  if (type !== "" && type !== "s") throw unknownCode(type, "str");
  if (sign !== "") throw valueError("Sign not allowed in string format specifier");
  if (alternate) throw valueError("Alternate form (#) not allowed in string format specifier");
  if (grouping !== "") throw valueError(`Cannot specify '${grouping}' with 's'.`);
  if (align === "=") throw valueError("'=' alignment not allowed in string format specifier");
  return place("", precision === null ? text : characters(text).slice(0, precision).join(""), specification, "<");
}

function unknownCode(type: string, name: string): Error {
  return valueError(`Unknown format code '${type}' for object of type '${name}'`);
}

const bases: Readonly<Record<string, number>> = { "": 10, d: 10, n: 10, b: 2, o: 8, x: 16, X: 16 };

function formatInt(int: number | bigint, specification: Specification): string {
  const { type, alternate, precision, grouping, sign } = specification;
  if ("eEfFgG%".includes(type) && type !== "") return formatReal(Number(int), specification);
  if (precision !== null) throw valueError("Precision not allowed in integer format specifier");
  if (type === "c") return formatCharacter(int, specification);
  const base = bases[type];
  if (base === undefined) throw unknownCode(type, "int");
  if (grouping !== "" && (type === "n" || (grouping === "," && base !== 10)))
    throw valueError(`Cannot specify '${grouping}' with '${type}'.`);
  const big = BigInt(int);
  const digits = (big < 0n ? -big : big).toString(base);
  const prefix = alternate && base !== 10 ? `0${type}` : "";
  const body = type === "X" ? digits.toUpperCase() : digits;
  return grouped(signOf(big < 0n, sign) + prefix, body, base === 10 ? 3 : 4, specification);
}

function formatCharacter(int: number | bigint, specification: Specification): string {
  if (specification.sign !== "") throw valueError("Sign not allowed with integer format specifier 'c'");
  if (specification.alternate) throw valueError("Alternate form (#) not allowed with integer format specifier 'c'");
  if (int < 0 || int > 0x10ffff) throw failure("OverflowError", "%c arg not in range(0x110000)");
  return place("", String.fromCodePoint(Number(int)), specification, "<");
}

function formatReal(value: number, specification: Specification): string {
  const { type, precision, alternate, sign, grouping } = specification;
  if (type !== "" && !"eEfFgGn%".includes(type)) throw unknownCode(type, "float");
  if (type === "n" && grouping !== "") throw valueError(`Cannot specify '${grouping}' with 'n'.`);
  const upper = type !== "" && "EFG".includes(type);
  const style: FloatStyle =
    type === "" && precision === null
      ? { type: "r", precision: 0, alternate, upper }
      : { type: styleOf(type), precision: precision ?? 6, alternate, upper };
  const digits =
    type === "%"
      ? `${floatDigits(value * 100, style)}%`
      : type === "" && precision !== null
        ? plainGeneral(value, style)
        : floatDigits(value, style);
  return grouped(signOf(value < 0 || Object.is(value, -0), sign), digits, 3, specification);
}

function styleOf(type: string): FloatStyle["type"] {
  return type === "%" ? "f" : type === "n" || type === "" ? "g" : (type.toLowerCase() as FloatStyle["type"]);
}

/** Without a type, the text has a digit after the point or an exponent, one place earlier than with `g`. */
function plainGeneral(value: number, style: FloatStyle): string {
  const text = floatDigits(value, style);
  if (!Number.isFinite(value) || text.includes("e")) return text;
  if (text.includes(".")) return text;
  const precision = Math.max(style.precision, 1);
  if (text.length >= precision && value !== 0)
    return floatDigits(value, { ...style, type: "e", precision: precision - 1 }).replace(/\.?0*e/, "e");
  return `${text}.0`;
}

function signOf(negative: boolean, sign: string): string {
  return negative ? "-" : sign === "-" ? "" : sign;
}

/** Puts separators between the digits before the point, and zeros of the padding with them. */
function grouped(prefix: string, text: string, size: number, specification: Specification): string {
  const { grouping, fill, align, width } = specification;
  if (grouping === "" || !/^[\da-fA-F]/.test(text)) return place(prefix, text, specification, ">");
  // Groups of four are those of hexadecimal digits, among which an `e` is no exponent.
  const end = size === 4 ? -1 : text.search(/[.eE%]/);
  const [whole, rest] = end === -1 ? [text, ""] : [text.slice(0, end), text.slice(end)];
  const separate = (digits: string): string => digits.replace(new RegExp(`(?<=.)(?=(?:.{${size}})+$)`, "g"), grouping);
  let digits = whole;
  if (fill === "0" && align === "=") while (lengthOf(prefix + separate(digits) + rest) < width) digits = `0${digits}`;
  return place(prefix, separate(digits).replace(/^[,_]/, "0$&") + rest, specification, ">");
}

function place(prefix: string, body: string, { fill, align, width }: Specification, usual: string): string {
  const missing = Math.max(0, width - lengthOf(prefix + body));
  switch (align === "" ? usual : align) {
    case "<":
      return prefix + body + fill.repeat(missing);
    case ">":
      return fill.repeat(missing) + prefix + body;
    case "=":
      return prefix + fill.repeat(missing) + body;
  }
  const before = Math.floor(missing / 2);
  return fill.repeat(before) + prefix + body + fill.repeat(missing - before);
}
