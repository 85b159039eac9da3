import { formatFloat, PythonFloat } from "../../python-float.js";
import { typeError } from "../template-error.js";
import { sortBy } from "../values/compare.js";
import { intText } from "../values/text.js";
import { textOf, typeName } from "../values/types.js";
import { Dict, Tuple, type Value } from "../values/value.js";

export interface JsonStyle {
  readonly ascii: boolean;
  /** Null: all in one line. */
  readonly indent: string | null;
  readonly itemSeparator: string;
  readonly keySeparator: string;
  readonly sortKeys: boolean;
}

/** Lone surrogates stay as they are: unlike JSON.stringify, Python does not escape them. */
function writeText(text: string, { ascii }: JsonStyle): string {
  const json = JSON.stringify(text).replace(/\\\\|\\u(d[89a-f][\da-f]{2})/g, (escape, code: string | undefined) =>
    code === undefined ? escape : String.fromCharCode(Number.parseInt(code, 16)),
  );
  return ascii ? json.replace(/[^\0-~]/g, unicodeEscape) : json;
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

/** Python's `json.dumps(value)`. @throws TemplateError for a value that JSON does not have */
export function writeJson(value: Value, style: JsonStyle, level = 0): string {
  const text = textOf(value);
  if (text !== null) return writeText(text, style);
  if (value instanceof Dict) return bracket("{", "}", entries(value, style, level), style, level);
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : null;
  if (items !== null) {
    const written = items.map((item) => writeJson(item, style, level + 1));
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
    return writeText(name, style) + style.keySeparator + writeJson(value, style, level + 1);
  });
}

function bracket(open: string, close: string, parts: readonly string[], style: JsonStyle, level: number): string {
  const { indent, itemSeparator } = style;
  if (parts.length === 0) return open + close;
  if (indent === null) return open + parts.join(itemSeparator) + close;
  const newline = `\n${indent.repeat(level + 1)}`;
  return `${open}${newline}${parts.join(itemSeparator + newline)}\n${indent.repeat(level)}${close}`;
}
