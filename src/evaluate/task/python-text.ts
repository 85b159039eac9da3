/**
 * The text functions of Python that the evaluation harness relies on, where JavaScript's differ: `trim` here would strip
 * U+FEFF and keep U+001C–U+001F and U+0085.
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

/** Unicode title case of one code point, but for ŉ and Greek letters with an iota subscript, whose upper case is taken. */
function titleCase(letter: string): string {
  if (/[\u01c4-\u01cc\u01f1-\u01f3]/.test(letter)) return digraph(letter.codePointAt(0) as number);
  if (/[\u10d0-\u10ff]/.test(letter)) return letter; // Georgian has capitals but no title case
  const [head, ...tail] = letter.toUpperCase();
  return head + tail.join("").toLowerCase();
}

/** DŽ Dž dž, LJ Lj lj, NJ Nj nj and DZ Dz dz stand in threes, the title case in the middle. */
function digraph(code: number): string {
  const first = code >= 0x1f1 ? 0x1f1 : 0x1c4;
  return String.fromCodePoint(code - ((code - first) % 3) + 1);
}
