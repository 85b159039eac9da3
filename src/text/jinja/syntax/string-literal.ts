import { syntaxError, unsupported } from "../template-error.js";
import { hexEscape } from "../values/text.js";

const named: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const escapes = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^]))/gu;

/** The text of a string literal, given without its quotes, with the escapes of Python. */
export function unescapeString(literal: string, line: number): string {
  if (!literal.includes("\\")) return literal;
  return literal.replace(escapes, (escape, octal?: string, x?: string, u?: string, long?: string, char = "") => {
    if (octal !== undefined) return String.fromCodePoint(parseInt(octal, 8));
    const hex = x ?? u ?? long;
    if (hex !== undefined) {
      const code = parseInt(hex, 16);
      if (code > 0x10ffff) throw syntaxError("illegal Unicode character", line);
      return String.fromCodePoint(code);
    }
    if (char === "N") throw unsupported("a character by its Unicode name (\\N{…})", line);
    if (char === "x" || char === "u" || char === "U") throw syntaxError(`truncated \\${char} escape`, line);
    // Jinja replaces other characters by escapes before it reads the backslash.
    if (char > "\x7f") return hexEscape(char);
    return named[char] ?? escape;
  });
}
