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
