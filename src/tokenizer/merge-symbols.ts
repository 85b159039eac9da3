import type { PairTable } from "./pair-table.js";
import { createPriorityQueue } from "./priority-queue.js";

/** From this length on, searching all pairs at each merge is slower than a queue of them. */
const longWord = 64;

/** Applies merges to `symbols` until none is left: always the first in the order of merges, leftmost first. */
export function mergeSymbols(symbols: Int32Array, pairs: PairTable): Int32Array {
  return symbols.length < longWord ? mergeShort(symbols, pairs) : mergeLong(symbols, pairs);
}

function mergeShort(symbols: Int32Array, { find, ranks, results }: PairTable): Int32Array {
  const word = symbols.slice();
  /** By position: the entry of the pair that starts there, or −1. */
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
  return word.slice(0, length);
}

interface Candidate {
  readonly rank: number;
  readonly at: number;
  readonly left: number;
  readonly right: number;
  readonly result: number;
}

/** The same over a linked list: n log n. A candidate whose symbols have changed since is passed over. */
function mergeLong(symbols: Int32Array, { find, ranks, results }: PairTable): Int32Array {
  const word = symbols.slice();
  const next = Int32Array.from(word, (_, i) => (i + 1 < word.length ? i + 1 : -1));
  const previous = Int32Array.from(word, (_, i) => i - 1);
  const queue = createPriorityQueue<Candidate>((a, b) => a.rank < b.rank || (a.rank === b.rank && a.at < b.at));
  const propose = (at: number): void => {
    const entry = at < 0 || next[at] < 0 ? -1 : find(word[at], word[next[at]]);
    if (entry >= 0) queue.push({ rank: ranks[entry], at, left: word[at], right: word[next[at]], result: results[entry] });
  };
  for (let i = 0; i < word.length; i++) propose(i);
  for (let pair = queue.pop(); pair !== undefined; pair = queue.pop()) {
    const { at, left, right, result } = pair;
    if (word[at] !== left || next[at] < 0 || word[next[at]] !== right) continue;
    const gone = next[at];
    word[at] = result;
    word[gone] = -1;
    next[at] = next[gone];
    if (next[at] >= 0) previous[next[at]] = at;
    propose(previous[at]);
    propose(at);
  }
  return word.filter((id) => id >= 0);
}
