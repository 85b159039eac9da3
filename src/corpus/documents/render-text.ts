import { StrataError } from "../../errors/strata-error.js";
import type { DocumentText } from "./dataset.js";
import { nearestName } from "../../errors/nearest-name.js";
import { formatNumber, PythonFloat } from "../../text/python-float.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The texts of a record's parts: the value of its field, or its templates with each `{field}` replaced. Templates also
 * accept numbers, booleans and null.
 *
 * @returns the error if a field is missing or has the wrong type
 */
export function renderParts(
  text: Exclude<DocumentText, { readonly messages: string }>,
  record: Fields,
  where: string,
): string[] | StrataError {
  if ("field" in text) {
    const value = fieldText(text.field, record, where, false);
    return typeof value === "string" ? [value] : value;
  }
  let firstError: StrataError | null = null;
  const parts = templatesOf(text).map((part) =>
    part.replace(placeholder, (_, field: string) => {
      const value = fieldText(field, record, where, true);
      if (typeof value === "string") return value;
      firstError ??= value;
      return "";
    }),
  );
  return firstError ?? parts;
}

function templatesOf(text: Extract<DocumentText, { template: string } | { prompt: string }>): string[] {
  return "template" in text ? [text.template] : [text.prompt, text.completion];
}

const placeholder = /\{([^{}]+)\}/g;

/** The fields that a document text needs. */
export function fieldsOf(text: DocumentText): string[] {
  if ("field" in text) return [text.field];
  if ("messages" in text) return [text.messages];
  return [...templatesOf(text).join("").matchAll(placeholder)].map(([, field]) => field);
}

function fieldText(field: string, record: Fields, where: string, inTemplate: boolean): string | StrataError {
  const value = Object.hasOwn(record, field) ? record[field] : undefined;
  if (typeof value === "string") return value;
  const printed = inTemplate ? printValue(value) : null;
  if (printed !== null) return printed;
  const parts = value === undefined ? missingField(field, record) : wrongType(field, value, inTemplate);
  return new StrataError("CorpusError", { where, ...parts });
}

/**
 * Prints a value as Python does: `18`, `18.0`, `1e-05`, `True`, `None`.
 *
 * @returns null for values that a text cannot contain: NaN, infinities, lists and objects
 */
function printValue(value: unknown): string | null {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "bigint") return String(value);
  const isNumber = typeof value === "number" || value instanceof PythonFloat;
  return isNumber && Number.isFinite(Number(value)) ? formatNumber(value) : null;
}

/** The error parts for a record without the field. */
export function missingField(field: string, record: Fields) {
  const names = Object.keys(record);
  const similar = nearestName(field, names);
  const list = names.map((name) => `"${name}"`).join(", ");
  return {
    expected: `the field "${field}"`,
    got: names.length === 0 ? "no field" : names.length === 1 ? `only the field ${list}` : `the fields ${list}`,
    hint: similar === null ? "Name one of its fields in `field` or `template`." : `Did you mean "${similar}"?`,
  };
}

function wrongType(field: string, value: unknown, inTemplate: boolean) {
  const kind =
    value === null
      ? "null"
      : Array.isArray(value)
        ? "a list"
        : ArrayBuffer.isView(value)
          ? "bytes"
          : typeof value === "object" && !(value instanceof PythonFloat)
            ? "an object"
            : String(value);
  return {
    expected: inTemplate ? `a string or a number in the field "${field}"` : `a string in the field "${field}"`,
    got: kind,
    hint: "Correct or remove this record, or name another field.",
  };
}
