import { unsupported } from "./tokenizer-error.js";

/** A JSON object in a tokenizer.json. */
export type Section = Readonly<Record<string, unknown>>;

export function section(value: unknown, where: string): Section {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Section;
  throw unsupported(where, "an object", value);
}

export function list(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unsupported(where, "a list", value);
}

export function textAt(part: Section, key: string, where: string): string {
  const value = part[key];
  if (typeof value === "string") return value;
  throw unsupported(`${where}.${key}`, "text", value);
}
