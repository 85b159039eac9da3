import { formatFloat, PythonFloat } from "../../python-float.js";
import { unsupported, valueError } from "../template-error.js";
import { Dict, Markup, Namespace, Tuple, Undefined, type Value } from "./value.js";

/** Python's `str(value)`, which a template prints. */
export function toText(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Undefined) return "";
  return value instanceof Markup ? value.text : repr(value);
}

/** Python's `repr(value)`. @throws TemplateError if Python prints an address */
export function repr(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "string") return reprText(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value === 0 ? 0 : value);
  if (typeof value === "bigint") return intText(value);
  if (value instanceof PythonFloat) return formatFloat(value.value);
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (value instanceof Dict) return reprDict(value);
  if (value instanceof Tuple) return reprTuple(value.items);
  if (value instanceof Undefined) return "Undefined";
  if (value instanceof Markup) return `Markup(${reprText(value.text)})`;
  if (value instanceof Namespace) return `<Namespace ${reprDict(value.attributes)}>`;
  if (value.protocol.repr !== undefined) return value.protocol.repr();
  throw unsupported(`printing a ${value.type} object`);
}

export function intText(value: bigint): string {
  const text = String(value);
  if (text.length > 4300 + Number(value < 0n))
    throw valueError("Exceeds the limit (4300 digits) for integer string conversion");
  return text;
}

function reprTuple(items: readonly Value[]): string {
  return items.length === 1 ? `(${repr(items[0])},)` : `(${items.map(repr).join(", ")})`;
}

function reprDict(dict: Dict): string {
  return `{${Array.from(dict.items(), ([key, value]) => `${repr(key)}: ${repr(value)}`).join(", ")}}`;
}

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\p{C}\p{Z}]/gu, (char) => (char === " " ? char : (named[char] ?? hexEscape(char))));
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

/** A character as `\xe9`, `\u2028` or `\U0001f600`. */
export function hexEscape(char: string): string {
  const code = char.codePointAt(0) as number;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** Python's `ascii(value)`. */
export function ascii(value: Value): string {
  return repr(value).replace(/\P{ASCII}/gu, hexEscape);
}
