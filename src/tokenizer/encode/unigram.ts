import { byteTokensOf, listByteTokens } from "./byte-tokens.js";
import type { EncodePreToken } from "./encode-pre-token.js";
import { createTrie } from "./trie.js";

export interface UnigramModel {
  /** All tokens, including byte-fallback tokens. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** The tokens that text may be segmented into. */
  readonly pieces: ReadonlyMap<string, number>;
  /** By id: the log-probability of the token. */
  readonly scores: Float64Array;
  /** The id for a character that no token covers; null drops it. */
  readonly unknownId: number | null;
  /** Whether such a character becomes its byte-fallback tokens instead. */
  readonly byteFallback: boolean;
}

/** A character that no token covers has the lowest score minus this (SentencePiece's kUnkPenalty). */
const unknownPenalty = 10;

/** The most likely segmentation, as in SentencePiece; of equally likely ones, that with the longest last token. */
export function createUnigram(model: UnigramModel): EncodePreToken {
  const { vocabulary, pieces, scores, unknownId, byteFallback } = model;
  const trie = createTrie(pieces);
  const byteTokens = listByteTokens(vocabulary);
  const unknownScore = scores.reduce((low, score) => Math.min(low, score), Infinity) - unknownPenalty;

  /** By end position: the start of the best token that ends there; −1 at 0. */
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
  return (preToken) => {
    const text = preToken.toWellFormed();
    const starts = findStarts(text);
    const tokens: string[] = [];
    for (let end = text.length; end > 0; end = starts[end]) tokens.push(text.slice(starts[end], end));
    return Int32Array.from(fuseUnknown(tokens.reverse(), pieces, unknownId).flatMap(idsOf));
  };
}

/** Joins consecutive unknown tokens. */
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
