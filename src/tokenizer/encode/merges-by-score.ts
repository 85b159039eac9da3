/**
 * The merges of a BPE whose tokens have scores, as SentencePiece applies them: the pair whose token has the highest score goes first,
 * of equal scores the lower id.
 *
 * @param ordinary  ids of the pieces that text is made of
 * @param scores    by id
 * @returns left, right and merged id of each, one after the other
 */
export function mergesByScore(ordinary: ReadonlyMap<string, number>, scores: readonly number[]): number[] {
  const order = [...ordinary].sort(([, a], [, b]) => scores[b] - scores[a] || a - b);
  const merges: number[] = [];
  for (const [text, id] of order) {
    for (let at = 1; at < text.length; at++) {
      const [left, right] = [ordinary.get(text.slice(0, at)), ordinary.get(text.slice(at))];
      if (left !== undefined && right !== undefined) merges.push(left, right, id);
    }
  }
  return merges;
}
