import { StrataError } from "../tensor/errors.js";
import type { DocumentText } from "./dataset.js";

type JsonObject = Readonly<Record<string, unknown>>;

/** The text of a record. @throws StrataError if a field that it needs is missing or not text */
export function renderText(text: DocumentText, record: JsonObject, where: string): string {
  if ("field" in text) return fieldText(text.field, record, where);
  return text.template.replace(/\{(\w+)\}/g, (_, field: string) => fieldText(field, record, where));
}

function fieldText(field: string, record: JsonObject, where: string): string {
  const value = record[field];
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw new StrataError("CorpusError", {
    where,
    expected: `text in the field "${field}"`,
    got: value === undefined ? `a record with the fields ${Object.keys(record).join(", ")}` : JSON.stringify(value).slice(0, 40),
    hint: "Name one of its fields with `field:`, or several with `template:`, in the recipe's data set.",
  });
}
