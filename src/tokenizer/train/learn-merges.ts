import { bytesToUnicode } from "../encode/bytes-to-unicode.js";
import { countPairs, type QueuedPair } from "./pair-counts.js";
import { createPriorityQueue } from "./priority-queue.js";
import { listWordSymbols, mergeInWord } from "./word-symbols.js";

/** Higher counts first; of equal counts, the lower left id, then the lower right id. */
const before = (a: QueuedPair, b: QueuedPair): boolean =>
  a.count !== b.count ? a.count > b.count : a.left !== b.left ? a.left < b.left : a.right < b.right;

/**
 * Learns merges until there are `vocabSize` tokens or no pair remains.
 *
 * As in the trainer of `tokenizers`, the count of a merged pair is not reset. Resetting it would change later merges if
 * another pair gave the same token.
 *
 * @param words  pre-tokens and their counts
 * @param tokens  by id, in the characters of `bytesToUnicode`; new tokens are appended
 */
export function learnMerges(
  words: ReadonlyMap<string, number>,
  tokens: string[],
  vocabSize: number,
): [number, number][] {
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const symbols = listWordSymbols(
    words,
    Int32Array.from(bytesToUnicode, (character) => idOf.get(character) as number),
  );
  const pairs = countPairs(symbols);
  const queue = createPriorityQueue(before);
  const merges: [number, number][] = [];
  for (const pair of pairs.takeGrown()) queue.push(pair);

  while (tokens.length < vocabSize) {
    const pair = queue.pop();
    if (pair === undefined) break;
    const { left, right } = pair;
    const count = pairs.count(left, right);
    if (pair.count !== count) {
      pair.count = count;
      queue.push(pair);
      continue;
    }
    if (count < 1) break;
    const token = tokens[left] + tokens[right];
    const result = idOf.get(token) ?? tokens.push(token) - 1;
    idOf.set(token, result);
    merges.push([left, right]);
    for (const word of pair.words) {
      mergeInWord(word, left, right, result, symbols, (a, b, change) => pairs.add(a, b, word, change));
    }
    for (const grown of pairs.takeGrown()) queue.push(grown);
  }
  return merges;
}
