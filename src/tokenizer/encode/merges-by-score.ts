/**
 * The merges of a SentencePiece BPE, whose pieces have scores: the higher the score of the merged piece, the lower the
 * rank; of equal scores, the lower id comes first.
 *
 * @param normal  the pieces of type NORMAL and their ids
 * @param scores  by id
 * @returns [left, right, result] ids of each merge, concatenated
 */
export function mergesByScore(normal: ReadonlyMap<string, number>, scores: readonly number[]): number[] {
  const order = [...normal].sort(([, a], [, b]) => scores[b] - scores[a] || a - b);
  const merges: number[] = [];
  for (const [text, id] of order) {
    for (let at = 1; at < text.length; at++) {
      const [left, right] = [normal.get(text.slice(0, at)), normal.get(text.slice(at))];
      if (left !== undefined && right !== undefined) merges.push(left, right, id);
    }
  }
  return merges;
}
