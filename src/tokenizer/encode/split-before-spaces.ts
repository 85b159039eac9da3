const runPattern = /▁+[^▁]*|[^▁]+/gu;

/**
 * Splits text before each run of `▁`. This keeps the ids if no token has a `▁` after another character, since then no
 * merge crosses the boundaries; otherwise null.
 */
export function splitBeforeSpaces(vocabulary: ReadonlyMap<string, number>): ((text: string) => string[]) | null {
  if (!vocabulary.has("▁")) return null;
  for (const token of vocabulary.keys()) if (/[^▁]▁/u.test(token)) return null;
  return (text) => text.match(runPattern) ?? [];
}
