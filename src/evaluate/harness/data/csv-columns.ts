import { PythonFloat } from "../../../text/python-float.js";
import { toInt } from "../../../text/jinja/values/types.js";
import type { DataRecord } from "../../task/record.js";

type Cell = string | number | bigint | boolean | PythonFloat | null;

/** Texts that stand for a missing value. */
const missing = new Set(
  "|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null".split("|"),
);

/**
 * The rows of a CSV file as pandas reads them, which the `datasets` library uses: a column of whole numbers, of numbers
 * or of `True` and `False` is read as such, and an empty field is null.
 *
 * @param rows  the fields of each row are texts, and all rows have the same columns
 */
export function typeCsvColumns(rows: readonly DataRecord[]): DataRecord[] {
  const names = Object.keys(rows[0] ?? {});
  const columns = names.map((name) => typeColumn(rows.map((row) => row[name] as string)));
  return rows.map((_, i) => Object.fromEntries(names.map((name, c) => [name, columns[c][i]])));
}

const [whole, numeric, truth] = [
  /^\s*[+-]?\d+\s*$/,
  /^\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|infinity)\s*$/i,
  /^(?:true|false)$/i,
];

function typeColumn(texts: readonly string[]): readonly Cell[] {
  const present = texts.filter((text) => !missing.has(text));
  const mapped = (read: (text: string) => Cell) => texts.map((text) => (missing.has(text) ? null : read(text)));
  if (present.length > 0 && present.every((text) => whole.test(text))) {
    // pandas has no whole numbers in a column with missing ones.
    const isInt = present.length === texts.length && fit64Bits(present.map(bigInt));
    return mapped((text) => (isInt ? toInt(bigInt(text)) : toFloat(text)));
  }
  if (present.length > 0 && present.every((text) => numeric.test(text))) return mapped(toFloat);
  if (present.every((text) => truth.test(text))) return mapped((text) => text.toLowerCase() === "true");
  return mapped((text) => text);
}

function bigInt(text: string): bigint {
  return BigInt(text.trim().replace("+", ""));
}

/** Whether all are signed integers of 64 bits, or all unsigned ones. */
function fit64Bits(values: readonly bigint[]): boolean {
  return [BigInt.asIntN, BigInt.asUintN].some((fit) => values.every((value) => fit(64, value) === value));
}

function toFloat(text: string): PythonFloat {
  const value = Number(text);
  return new PythonFloat(Number.isNaN(value) ? (text.includes("-") ? -Infinity : Infinity) : value);
}
