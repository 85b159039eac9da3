import { formatFloat, PythonFloat } from "../../python-float.js";
import { typeError } from "../template-error.js";
import { sortBy } from "../values/compare.js";
import { index } from "../values/range.js";
import { intText } from "../values/text.js";
import { isTrue, textOf, typeName } from "../values/types.js";
import { Dict, Tuple, type Value } from "../values/value.js";
import { filter, type FilterFunction } from "./filter.js";
import { unpack } from "./unpack.js";

interface JsonStyle {
  readonly ascii: boolean;
  /** Null: all in one line. */
  readonly indent: string | null;
  readonly itemSeparator: string;
  readonly keySeparator: string;
  readonly sortKeys: boolean;
}

function writeText(text: string, { ascii }: JsonStyle): string {
  const json = JSON.stringify(text);
  if (!ascii)
    return json.replace(/\\u(d[89a-f][\da-f]{2})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
  return json.replace(/\P{ASCII}/gu, (char) => char.split("").map(unicodeEscape).join(""));
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function writeFloat(value: number): string {
  return Number.isFinite(value)
    ? formatFloat(value)
    : Number.isNaN(value)
      ? "NaN"
      : value < 0
        ? "-Infinity"
        : "Infinity";
}

/** What JSON writes for a value that has no parts; null for a list or dict. */
function writeScalar(value: Value): string | null {
  if (value === null) return "null";
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  if (typeof value === "bigint") return intText(value);
  return value instanceof PythonFloat ? writeFloat(value.value) : null;
}

function write(value: Value, style: JsonStyle, level: number): string {
  const text = textOf(value);
  if (text !== null) return writeText(text, style);
  if (value instanceof Dict) return bracket("{", "}", entries(value, style, level), style, level);
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : null;
  if (items !== null) {
    const written = items.map((item) => write(item, style, level + 1));
    return bracket("[", "]", written, style, level);
  }
  const scalar = writeScalar(value);
  if (scalar === null) throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
  return scalar;
}

function entries(dict: Dict, style: JsonStyle, level: number): string[] {
  const pairs = [...dict.items()];
  const sorted = style.sortKeys
    ? sortBy(
        pairs.map((pair) => new Tuple(pair)),
        (pair) => pair,
        false,
      ).map((pair) => (pair as Tuple).items)
    : pairs;
  return sorted.map(([key, value]) => {
    const name = textOf(key) ?? writeScalar(key);
    if (name === null) throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
    return writeText(name, style) + style.keySeparator + write(value, style, level + 1);
  });
}

function bracket(open: string, close: string, parts: readonly string[], style: JsonStyle, level: number): string {
  const { indent, itemSeparator } = style;
  if (parts.length === 0) return open + close;
  if (indent === null) return open + parts.join(itemSeparator) + close;
  const newline = `\n${indent.repeat(level + 1)}`;
  return `${open}${newline}${parts.join(itemSeparator + newline)}\n${indent.repeat(level)}${close}`;
}

function separatorText(value: Value): string {
  const text = textOf(value);
  if (text === null) throw typeError(`a separator must be a str, not ${typeName(value)}`);
  return text;
}

/** transformers' `tojson`: Python's `json.dumps`, without escapes of HTML. */
export const jsonFilter: FilterFunction = filter(
  "tojson",
  [
    ["ensure_ascii", false],
    ["indent", null],
    ["separators", null],
    ["sort_keys", false],
  ],
  (value, [ascii, indentValue, separators, sortKeys]) => {
    const indent = indentValue === null ? null : (textOf(indentValue) ?? " ".repeat(Math.max(0, index(indentValue))));
    const [itemSeparator, keySeparator] =
      separators === null ? [indent === null ? ", " : ",", ": "] : unpack(separators, 2).map(separatorText);
    return write(value, { ascii: isTrue(ascii), indent, itemSeparator, keySeparator, sortKeys: isTrue(sortKeys) }, 0);
  },
);
