import { StrataError } from "../tensor/errors.js";
import type { DocumentText } from "./dataset.js";
import { nearestName } from "./nearest-name.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The text of a record: its field as it is, or the template with each `{field}` replaced; in a template numbers and
 * truth values may stand too.
 *
 * @throws StrataError if a field is missing or of the wrong type
 */
export function renderText(text: DocumentText, record: Fields, where: string): string {
  if ("template" in text) {
    return text.template.replace(/\{([^{}]+)\}/g, (_, field: string) => fieldText(field, record, where, true));
  }
  return fieldText(text.field, record, where, false);
}

function fieldText(field: string, record: Fields, where: string, inTemplate: boolean): string {
  const value = Object.hasOwn(record, field) ? record[field] : undefined;
  if (typeof value === "string") return value;
  if (inTemplate && (typeof value === "number" || typeof value === "boolean")) return String(value);
  const parts = value === undefined ? missing(field, record) : wrong(field, value, inTemplate);
  throw new StrataError("CorpusError", { where, ...parts });
}

function missing(field: string, record: Fields) {
  const names = Object.keys(record);
  const similar = nearestName(field, names);
  const list = names.map((name) => `"${name}"`).join(", ");
  return {
    expected: `the field "${field}"`,
    got: names.length === 0 ? "no field" : names.length === 1 ? `only the field ${list}` : `the fields ${list}`,
    hint: similar === null ? "Name one of its fields in `field` or `template`." : `Did you mean "${similar}"?`,
  };
}

function wrong(field: string, value: unknown, inTemplate: boolean) {
  const kind = value === null ? "null" : Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `${String(value)}`;
  return {
    expected: inTemplate ? `a text or a number in the field "${field}"` : `a text in the field "${field}"`,
    got: kind,
    hint: "Correct or remove this record, or name another field.",
  };
}
