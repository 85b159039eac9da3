/** Whether a text has characters beyond U+FFFF, so that positions of JavaScript and Python differ. */
export function hasSurrogates(text: string): boolean {
  return /[\ud800-\udfff]/.test(text);
}

/** The characters of a text as Python counts them. */
export function characters(text: string): string[] {
  return hasSurrogates(text) ? Array.from(text) : text.split("");
}

export function lengthOf(text: string): number {
  return hasSurrogates(text) ? Array.from(text).length : text.length;
}

/** The characters from `start` to `end`, without negative positions. */
export function substring(text: string, start: number, end: number): string {
  if (!hasSurrogates(text)) return text.slice(start, Math.max(start, end));
  return Array.from(text).slice(start, Math.max(start, end)).join("");
}

/** Negative if `a` sorts before `b` by code points. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  if (!hasSurrogates(a) && !hasSurrogates(b)) return a < b ? -1 : 1;
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i].codePointAt(0) as number) - (right[i].codePointAt(0) as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
