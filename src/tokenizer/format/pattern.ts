import { unsupported } from "./tokenizer-error.js";
import { section } from "./section.js";
import { compilePattern } from "./split-pattern.js";

/** `{ String }`, which stands for itself, or `{ Regex }`; global. */
export function parsePattern(value: unknown, where: string): RegExp {
  const { String: plain, Regex: pattern } = section(value, where);
  if (typeof plain === "string" && plain !== "") return new RegExp(escapeText(plain), "gu");
  if (typeof pattern === "string") return compilePattern(pattern, where);
  throw unsupported(where, "Regex or String", value);
}

/** A pattern that finds the text itself. */
export function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
