import { suggestName } from "../../errors/nearest-name.js";
import { mergeError, shownValue } from "../merge-error.js";
import type { YamlDocument, YamlPath } from "./yaml-document.js";

/** A value of the configuration with its place. */
export interface Field {
  readonly value: unknown;
  readonly path: YamlPath;
  readonly document: YamlDocument;
}

export function whereOf({ document, path }: Field): string {
  return document.where(path);
}

/** The member of a mapping; undefined and null are both absent. */
export function member(field: Field, key: string): Field | null {
  const value = (field.value as Record<string, unknown>)[key];
  return value === undefined || value === null ? null : { ...field, value, path: [...field.path, key] };
}

/** @throws StrataError if the value is no mapping, or has a key that is not known */
export function checkMapping(field: Field, known: readonly string[], meaning: string): void {
  checkIsMapping(field, meaning);
  for (const key of Object.keys(field.value as object)) {
    if (known.includes(key)) continue;
    const hint = suggestName(key, known) ?? `Remove it. Known keys are ${known.join(", ")}.`;
    throw mergeError(
      whereOf({ ...field, path: [...field.path, key] }),
      `a known key of ${meaning}`,
      JSON.stringify(key),
      hint,
    );
  }
}

export function checkIsMapping(field: Field, meaning: string): void {
  const { value } = field;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  throw mergeError(
    whereOf(field),
    `${meaning} as a mapping of keys`,
    shownValue(value),
    "Write `key: value` lines there.",
  );
}

export function listItems(field: Field, meaning: string): Field[] {
  if (!Array.isArray(field.value)) {
    throw mergeError(whereOf(field), `a list of ${meaning}`, shownValue(field.value), "Start each item with a dash.");
  }
  if (field.value.length === 0) {
    throw mergeError(whereOf(field), `a list of ${meaning}`, "an empty list", "Name at least one.");
  }
  return field.value.map((value: unknown, i) => ({ ...field, value, path: [...field.path, i] }));
}

export function textOf(field: Field, meaning: string): string {
  if (typeof field.value === "string") return field.value;
  throw mergeError(
    whereOf(field),
    meaning,
    shownValue(field.value),
    "Write a text, in quotes if it looks like a number.",
  );
}

export function wholeNumberOf(field: Field, meaning: string, minimum: number): number {
  const { value } = field;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= minimum) return value;
  throw mergeError(
    whereOf(field),
    `${meaning}: a whole number of at least ${minimum}`,
    shownValue(value),
    "Correct it there.",
  );
}

export function booleanOf(field: Field, meaning: string): boolean {
  if (typeof field.value === "boolean") return field.value;
  throw mergeError(whereOf(field), `${meaning}: true or false`, shownValue(field.value), "Correct it there.");
}
