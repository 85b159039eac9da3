const cutPattern = /▁+[^▁]*|[^▁]+/gu;

/**
 * Cuts text before each run of `▁`, if no token holds a `▁` behind another character: then no merge crosses these places, and
 * the pieces have the same ids as the whole. Null if one does.
 */
export function cutBeforeSpaces(vocabulary: ReadonlyMap<string, number>): ((text: string) => string[]) | null {
  if (!vocabulary.has("▁")) return null;
  for (const token of vocabulary.keys()) if (/[^▁]▁/u.test(token)) return null;
  return (text) => text.match(cutPattern) ?? [];
}
