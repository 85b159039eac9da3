import { nearestName } from "../../errors/nearest-name.js";
import { StrataError } from "../../errors/strata-error.js";

/** One record of a data set. */
export type DataRecord = Readonly<Record<string, unknown>>;

const correct = "Correct this record or use another file.";

export function recordError(where: string, expected: string, value: unknown, hint: string): StrataError {
  return new StrataError("EvaluationError", { where, expected, got: describeValue(value), hint });
}

function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/**
 * A string, or a number as its digits: lm-evaluation-harness prints both into its templates. Null for anything else; a
 * number that is not finite is not a text.
 */
export function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value)) ? String(value) : null;
}

/** @throws StrataError naming `where` and the field: with the fields of the record if it has no such field */
export function textField(record: DataRecord, field: string, where: string): string {
  const text = textOf(fieldOf(record, field, where));
  if (text !== null) return text;
  throw recordError(`${where} ${field}`, "a string or a number", record[field], correct);
}

/** @throws StrataError naming `where` and the field: with the fields of the record if it has no such field */
export function textListField(record: DataRecord, field: string, where: string): string[] {
  const value = fieldOf(record, field, where);
  const texts = Array.isArray(value) ? value.map(textOf) : [];
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
  const text = textOf(value)?.trim() ?? "";
  const index = /^[0-9]+$/.test(text) ? Number(text) : -1;
  if (index >= 0 && index < choices) return index;
  throw recordError(`${where} ${field}`, `the index of one of ${choices} choices, from 0`, value, noAnswersHint);
}

/** What to try where an answer is empty. */
export const noAnswersHint = "An empty value means that this split has no answers: use the validation split.";

/** @throws StrataError with the fields of the record if it has no such field */
export function fieldOf(record: DataRecord, field: string, where: string): unknown {
  const value = Object.hasOwn(record, field) ? record[field] : undefined;
  if (value !== undefined) return value;
  const names = Object.keys(record);
  const similar = nearestName(field, names);
  const list = names.map((name) => `"${name}"`).join(", ");
  throw new StrataError("EvaluationError", {
    where: `${where} ${field}`,
    expected: `the field "${field}"`,
    got: names.length === 0 ? "no field" : names.length === 1 ? `only the field ${list}` : `the fields ${list}`,
    hint: similar === null ? correct : `Did you mean "${similar}"? Rename it in the file, or use another file.`,
  });
}
