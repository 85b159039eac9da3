import { StrataError } from "../../errors/strata-error.js";

/** One record of a data set. */
export type DataRecord = Readonly<Record<string, unknown>>;

export function recordError(where: string, expected: string, value: unknown, hint: string): StrataError {
  return new StrataError("EvaluationError", { where, expected, got: describeValue(value), hint });
}

function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** @throws StrataError naming `where` and the field */
export function textField(record: DataRecord, field: string, where: string): string {
  const value = record[field];
  if (typeof value === "string") return value;
  throw recordError(`${where} ${field}`, "a string", value, "Correct this record or use another file.");
}

/** @throws StrataError naming `where` and the field */
export function textListField(record: DataRecord, field: string, where: string): string[] {
  const value = record[field];
  if (Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === "string")) return value;
  throw recordError(`${where} ${field}`, "a list of strings", value, "Correct this record or use another file.");
}

/**
 * The index of the correct choice, from an integer or its digits.
 *
 * @throws StrataError naming `where` and the field
 */
export function choiceIndexField(record: DataRecord, field: string, choices: number, where: string): number {
  const value = record[field];
  const index = typeof value === "string" && /^[0-9]+$/.test(value) ? Number(value) : value;
  if (typeof index === "number" && Number.isInteger(index) && index >= 0 && index < choices) return index;
  const hint = "An empty value means that this split has no answers: use the validation split.";
  throw recordError(`${where} ${field}`, `the index of one of ${choices} choices, from 0`, value, hint);
}
