import { missingField } from "../../corpus/documents/render-text.js";
import { nearestName } from "../../errors/nearest-name.js";
import { StrataError } from "../../errors/strata-error.js";
import { formatNumber, PythonFloat } from "../../text/python-float.js";

/** One record of a data set. */
export type DataRecord = Readonly<Record<string, unknown>>;

const correct = "Correct this record or use another file.";

export function recordError(where: string, expected: string, value: unknown, hint: string): StrataError {
  return new StrataError("EvaluationError", { where, expected, got: describeValue(value), hint });
}

function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (isNumber(value)) return formatNumber(value);
  const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/**
 * A string, or a number as Python prints it: lm-evaluation-harness prints both into its templates. Null for anything
 * else; a number that is not finite is not a text.
 */
export function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  return isNumber(value) && Number.isFinite(Number(value)) ? formatNumber(value) : null;
}

/** As `textOf` for labels, of which 2 and 2.0 are the same. */
export function labelOf(value: unknown): string | null {
  return textOf(value instanceof PythonFloat ? value.value : value);
}

function isNumber(value: unknown): value is number | bigint | PythonFloat {
  return typeof value === "number" || typeof value === "bigint" || value instanceof PythonFloat;
}

/** @throws StrataError naming `where` and the field: with the fields of the record if it has no such field */
export function textField(record: DataRecord, field: string, where: string, read = textOf): string {
  const text = read(fieldOf(record, field, where));
  if (text !== null) return text;
  throw recordError(`${where} ${field}`, "a string or a number", record[field], correct);
}

/** @throws StrataError naming `where` and the field: with the fields of the record if it has no such field */
export function textListField(record: DataRecord, field: string, where: string, read = textOf): string[] {
  const value = fieldOf(record, field, where);
  const texts = Array.isArray(value) ? value.map(read) : [];
  if (texts.length > 0 && texts.every((text) => text !== null)) return texts;
  throw recordError(`${where} ${field}`, "a list of at least one string or number", value, correct);
}

/**
 * The index of the correct choice, from an integer or its digits.
 *
 * @throws StrataError naming `where` and the field
 */
export function choiceIndexField(record: DataRecord, field: string, choices: number, where: string): number {
  const value = fieldOf(record, field, where);
  const isIndex = isNumber(value) || (typeof value === "string" && /^\s*[0-9]+\s*$/.test(value));
  const index = isIndex ? Number(value) : -1;
  if (Number.isInteger(index) && index >= 0 && index < choices) return index;
  throw recordError(`${where} ${field}`, `the index of one of ${choices} choices, from 0`, value, noAnswersHint);
}

/** What to try where an answer is empty. */
export const noAnswersHint = "An empty value means that this split has no answers: use the validation split.";

/** @throws StrataError with the fields of the record if it has no such field */
export function fieldOf(record: DataRecord, field: string, where: string): unknown {
  const value = Object.hasOwn(record, field) ? record[field] : undefined;
  if (value !== undefined) return value;
  const { expected, got } = missingField(field, record);
  const similar = nearestName(field, Object.keys(record));
  throw new StrataError("EvaluationError", {
    where: `${where} ${field}`,
    expected,
    got,
    hint: similar === null ? correct : `Did you mean "${similar}"? Rename it in the file, or use another file.`,
  });
}
