import type { FileOptions } from "../../read-record.js";
import { parsePythonJson } from "./python-json.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * A record with its numbers as they are written. JSON.parse, which is much faster, reads `18.0` as `18` and rounds
 * whole numbers beyond 2^53; the text is parsed again only if the record has a number that may be one of these.
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

/** Adds the whole numbers of a value, up to `maxSearched` and one more. */
function collectWhole(value: unknown, numbers: number[]): void {
  if (numbers.length > maxSearched) return;
  if (typeof value === "number" && Number.isInteger(value)) numbers.push(value);
  else if (typeof value === "object" && value !== null)
    for (const inner of Object.values(value)) collectWhole(inner, numbers);
}

const exponent = /\d[eE][+-]?\d/;
const inexact = /\d(?:\.\d|[eE][+-]?\d|\d{15})/;

function mayBeInexact(numbers: readonly number[], text: string): boolean {
  if (numbers.length === 0) return false;
  if (numbers.length > maxSearched) return inexact.test(text);
  if (!numbers.every(Number.isSafeInteger)) return true;
  return numbers.some((number) => text.includes(`${Math.abs(number)}.`)) || exponent.test(text);
}
