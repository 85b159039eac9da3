import { stripEnd, stripStart, whitespace } from "../../text/jinja/values/whitespace.js";

/**
 * Python's text functions that lm-evaluation-harness uses, where JavaScript's differ: `trim` would strip U+FEFF and
 * keep U+001C–U+001F and U+0085.
 */
const gap = new RegExp(`[${whitespace}]+`);

/** Python's `str.strip()`. */
export function strip(text: string): string {
  return stripEnd(stripStart(text));
}

/** How many pieces gaps of whitespace divide a text into: one more where it begins or ends with a gap. */
export function wordCount(text: string): number {
  return text.split(gap).length;
}

/** Python's `len`: code points, not UTF-16 units. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
