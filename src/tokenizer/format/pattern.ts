import { unsupported } from "./tokenizer-error.js";
import { section } from "./section.js";
import { compilePattern } from "./split-pattern.js";

/** Compiles `{ String }`, matched literally, or `{ Regex }`; the result has the flags g and u. */
export function parsePattern(value: unknown, where: string): RegExp {
  const { String: plain, Regex: pattern } = section(value, where);
  if (typeof plain === "string" && plain !== "") return new RegExp(escapeText(plain), "gu");
  if (typeof pattern === "string") return compilePattern(pattern, where);
  throw unsupported(where, "Regex or String", value);
}

/** Escapes text so that a pattern matches it literally. */
export function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
