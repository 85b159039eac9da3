import { byteTokensOf, listByteTokens } from "./byte-tokens.js";
import type { EncodePiece } from "./encode-piece.js";
import { createTrie } from "./trie.js";

export interface UnigramModel {
  /** All tokens, with those of bytes. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Those that text may be made of. */
  readonly pieces: ReadonlyMap<string, number>;
  /** By id: the logarithm of the token's probability. */
  readonly scores: Float64Array;
  /** What a character becomes that no token covers. */
  readonly unknownId: number | null;
  /** Whether such a character becomes tokens of its bytes instead. */
  readonly byteFallback: boolean;
}

/** How much less than the least likely token a character that no token covers is worth. */
const unknownPenalty = 10;

/** The likeliest sequence of tokens, as SentencePiece finds it; of equally likely ones that with the longest last token. */
export function createUnigram(model: UnigramModel): EncodePiece {
  const { vocabulary, pieces, scores, unknownId, byteFallback } = model;
  const trie = createTrie(pieces);
  const byteTokens = listByteTokens(vocabulary);
  const unknownScore = scores.reduce((low, score) => Math.min(low, score), Infinity) - unknownPenalty;

  /** By end position of a token: where the best one starts; at 0 nothing. */
  const findStarts = (text: string): Int32Array => {
    const best = new Float64Array(text.length + 1);
    const starts = new Int32Array(text.length + 1).fill(-1);
    const offer = (start: number, end: number, score: number): void => {
      if (starts[end] >= 0 && score <= best[end]) return;
      best[end] = score;
      starts[end] = start;
    };
    for (let start = 0; start < text.length;) {
      const next = start + ((text.codePointAt(start) as number) > 0xffff ? 2 : 1);
      let isCovered = false;
      trie.walk(text, start, (end, id) => {
        offer(start, end, scores[id] + best[start]);
        isCovered ||= end === next;
      });
      if (!isCovered) offer(start, next, unknownScore + best[start]);
      start = next;
    }
    return starts;
  };
  const idsOf = (token: string): readonly number[] => {
    const id = pieces.get(token);
    if (id !== undefined) return [id];
    return (byteFallback ? byteTokensOf(token, byteTokens) : null) ?? (unknownId === null ? [] : [unknownId]);
  };
  return (piece) => {
    const text = piece.toWellFormed();
    const starts = findStarts(text);
    const tokens: string[] = [];
    for (let end = text.length; end > 0; end = starts[end]) tokens.push(text.slice(starts[end], end));
    return Int32Array.from(fuseUnknown(tokens.reverse(), pieces, unknownId).flatMap(idsOf));
  };
}

/** Joins neighbours that are unknown. */
function fuseUnknown(
  tokens: readonly string[],
  pieces: ReadonlyMap<string, number>,
  unknownId: number | null,
): string[] {
  const fused: string[] = [];
  let wasUnknown = false;
  for (const token of tokens) {
    const id = pieces.get(token);
    const isUnknown = id === undefined || id === unknownId;
    if (isUnknown && wasUnknown) fused[fused.length - 1] += token;
    else fused.push(token);
    wasUnknown = isUnknown;
  }
  return fused;
}
