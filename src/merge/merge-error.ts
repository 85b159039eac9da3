import { StrataError } from "../errors/strata-error.js";

export function mergeError(where: string, expected: string, got: string, hint: string, cause?: unknown): StrataError {
  return new StrataError("MergeError", { where, expected, got, hint }, { cause });
}

/** A value of a file in a message, shortened. */
export function shownValue(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
