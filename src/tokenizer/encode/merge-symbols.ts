import { createKeyQueue } from "./key-queue.js";
import type { PairTable } from "./pair-table.js";

/** From this length in symbols, a priority queue is faster than searching all pairs for each merge. */
const longWord = 64;

/**
 * Applies merges until none is possible, each time the one with the lowest rank, the leftmost first.
 *
 * @param symbols  ids, overwritten
 * @returns a view of the start of `symbols`
 */
export function mergeSymbols(symbols: Int32Array, pairs: PairTable): Int32Array {
  return symbols.length < longWord ? mergeShort(symbols, pairs) : mergeLong(symbols, pairs);
}

function mergeShort(word: Int32Array, { find, ranks, results }: PairTable): Int32Array {
  /** By position: the table entry of the pair that starts there, or −1. */
  const entries = new Int32Array(word.length);
  let length = word.length;
  for (let i = 0; i + 1 < length; i++) entries[i] = find(word[i], word[i + 1]);
  while (length > 1) {
    let best = -1;
    for (let i = 0; i + 1 < length; i++) {
      if (entries[i] >= 0 && (best < 0 || ranks[entries[i]] < ranks[entries[best]])) best = i;
    }
    if (best < 0) break;
    word[best] = results[entries[best]];
    word.copyWithin(best + 1, best + 2, length);
    entries.copyWithin(best + 1, best + 2, length);
    length--;
    if (best > 0) entries[best - 1] = find(word[best - 1], word[best]);
    if (best + 1 < length) entries[best] = find(word[best], word[best + 1]);
  }
  return word.subarray(0, length);
}

/**
 * The same over a linked list, in O(n log n) and about 20 bytes per symbol. The queue holds candidate merges as
 * rank · positions + position. A candidate whose symbols have changed since is skipped: ranks are unique, so the pair
 * at its position has another rank.
 */
function mergeLong(word: Int32Array, { find, ranks, results }: PairTable): Int32Array {
  const next = new Int32Array(word.length);
  const previous = new Int32Array(word.length);
  for (let i = 0; i < word.length; i++) {
    next[i] = i + 1 < word.length ? i + 1 : -1;
    previous[i] = i - 1;
  }
  const positions = 2 ** Math.ceil(Math.log2(word.length));
  const queue = createKeyQueue();
  const entryAt = (at: number): number =>
    at < 0 || word[at] < 0 || next[at] < 0 ? -1 : find(word[at], word[next[at]]);
  const propose = (at: number): void => {
    const entry = entryAt(at);
    if (entry >= 0) queue.push(ranks[entry] * positions + at);
  };
  for (let i = 0; i < word.length; i++) propose(i);
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    const rank = Math.floor(key / positions);
    const at = key - rank * positions;
    const entry = entryAt(at);
    if (entry < 0 || ranks[entry] !== rank) continue;
    const removed = next[at];
    word[at] = results[entry];
    word[removed] = -1;
    next[at] = next[removed];
    if (next[at] >= 0) previous[next[at]] = at;
    propose(previous[at]);
    propose(at);
  }
  let length = 0;
  for (let at = 0; at >= 0; at = next[at]) word[length++] = word[at];
  return word.subarray(0, length);
}
