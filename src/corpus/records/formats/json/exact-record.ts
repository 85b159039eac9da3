import type { FileOptions } from "../../read-record.js";
import { mayBeReordered } from "../../../../text/ordered-object.js";
import { parsePythonJson } from "./python-json.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * A record with its numbers as they are written. JSON.parse, which is much faster, reads `18.0` as `18` and rounds
 * whole numbers beyond 2^53; the text is parsed again only if the record has a number that may be one of these, or an
 * object whose keys JSON.parse may have put in another order.
 */
export function exactRecord(
  record: Fields,
  text: string,
  { exactNumbers, fields }: Pick<FileOptions, "exactNumbers" | "fields">,
): Fields {
  if (!exactNumbers) return record;
  const numbers: number[] = [];
  for (const value of fields === null ? Object.values(record) : fields.map((field) => record[field]))
    collectWhole(value, numbers);
  return mayBeInexact(numbers, text) ? (parsePythonJson(text) as Fields) : record;
}

/** More numbers than this are not searched one by one. */
const maxSearched = 8;

/** Adds the whole numbers of a value, up to `maxSearched` and one more; NaN for an object that may be reordered. */
function collectWhole(value: unknown, numbers: number[]): void {
  if (typeof value === "number") {
    if (Number.isInteger(value) && numbers.length <= maxSearched) numbers.push(value);
  } else if (typeof value === "object" && value !== null) {
    if (!Array.isArray(value) && mayBeReordered(value)) numbers.push(NaN);
    for (const inner of Object.values(value)) collectWhole(inner, numbers);
  }
}

const exponent = /\d[eE][+-]?\d/;
const inexact = /\d(?:\.\d|[eE][+-]?\d|\d{15})/;

function mayBeInexact(numbers: readonly number[], text: string): boolean {
  if (numbers.length === 0) return false;
  if (!numbers.every(Number.isSafeInteger)) return true;
  if (numbers.length > maxSearched) return inexact.test(text);
  return numbers.some((number) => text.includes(`${Math.abs(number)}.`)) || exponent.test(text);
}
