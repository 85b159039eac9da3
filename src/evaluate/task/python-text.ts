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
