/**
 * Python's text functions that lm-evaluation-harness uses, where JavaScript's differ: `trim` would strip U+FEFF and
 * keep U+001C–U+001F and U+0085.
 */
const space = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const trailing = new RegExp(`${space}+$`);
const leading = new RegExp(`^${space}+`);

/** Python's `str.rstrip()`. */
export function stripEnd(text: string): string {
  return text.replace(trailing, "");
}

/** Python's `str.strip()`. */
export function strip(text: string): string {
  return stripEnd(text).replace(leading, "");
}

/** Python's `len`: code points, not UTF-16 units. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Python's `str.capitalize()`: the first code point in title case, all others in lower case. */
export function capitalize(text: string): string {
  const [first] = text;
  if (first === undefined) return "";
  return titleCase(first) + text.toLowerCase().slice(first.toLowerCase().length);
}

/**
 * Unicode title case of one code point. Deviates for ŉ and Greek letters with iota subscript, where it starts from the
 * upper case.
 */
function titleCase(character: string): string {
  if (/[\u01c4-\u01cc\u01f1-\u01f3]/.test(character)) return digraph(character.codePointAt(0) as number);
  if (/[\u10d0-\u10ff]/.test(character)) return character; // Georgian has capitals but no title case
  const [head, ...tail] = character.toUpperCase();
  return head + tail.join("").toLowerCase();
}

/** DŽ Dž dž, LJ Lj lj, NJ Nj nj and DZ Dz dz are consecutive code points; the title case is the middle one. */
function digraph(code: number): string {
  const first = code >= 0x1f1 ? 0x1f1 : 0x1c4;
  return String.fromCodePoint(code - ((code - first) % 3) + 1);
}
