import { StrataError } from "../../../errors/strata-error.js";
import { nearestName } from "../../../errors/nearest-name.js";
import { toText } from "../../../text/jinja/values/text.js";
import type { Dict, Value } from "../../../text/jinja/values/value.js";

/**
 * A function that task files name with `!function`:
 * - `document` is applied to each document before anything else
 * - `value` takes the place of a template
 * - `results` turns the responses to a document into its metrics
 *
 * Each throws a StrataError that names the function and what it does not find in the document.
 */
export type TaskFunction =
  | { readonly kind: "document"; readonly run: (doc: Dict) => Dict }
  | { readonly kind: "value"; readonly run: (doc: Dict) => Value }
  | {
      readonly kind: "results";
      readonly run: (doc: Dict, results: readonly Value[]) => readonly (readonly [metric: string, value: Value])[];
    };

/** The text in a column. @param name  of the function */
export function textColumn(doc: Dict, column: string, name: string): string {
  const value = columnOf(doc, column, name);
  if (typeof value === "string") return value;
  throw columnError(`${name} ${column}`, "a text", shown(value));
}

/** The list of texts in a column. @param name  of the function */
export function textsColumn(doc: Dict, column: string, name: string): string[] {
  const value = columnOf(doc, column, name);
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw columnError(`${name} ${column}`, "a list of texts", shown(value));
}

/** @throws StrataError with the columns that there are, if the document does not have this one */
export function columnOf(doc: Dict, column: string, name: string): Value {
  const value = doc.get(column);
  if (value !== undefined) return value;
  const columns = Array.from(doc.keys(), toText);
  const similar = nearestName(column, columns);
  throw columnError(
    `${name} ${column}`,
    `a column ${JSON.stringify(column)}`,
    columns.length === 0 ? "no columns" : `only ${columns.join(", ")}`,
    similar === null ? undefined : `Did you mean "${similar}"? Rename it in the file, or use another file.`,
  );
}

export function columnError(
  where: string,
  expected: string,
  got: string,
  hint = "Correct this record or use another file.",
): StrataError {
  return new StrataError("EvaluationError", { where, expected, got, hint });
}

/** A value as a message shows it. */
export function shown(value: Value): string {
  const text = typeof value === "string" ? JSON.stringify(value) : toText(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
