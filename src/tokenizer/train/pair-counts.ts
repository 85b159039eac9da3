import type { WordSymbols } from "./word-symbols.js";

/** A pair, its count when it was queued, and the words that contain it. */
export interface QueuedPair {
  readonly left: number;
  readonly right: number;
  count: number;
  readonly words: number[];
}

/** The count of each adjacent pair. Pairs with new occurrences are collected until `takeGrown`. */
export interface PairCounts {
  count(left: number, right: number): number;
  add(left: number, right: number, word: number, change: number): void;
  /** The pairs with new occurrences since the last call, each with the words of these occurrences. */
  takeGrown(): QueuedPair[];
}

const base = 2 ** 26;

export function createPairCounts(counts: Float64Array): PairCounts {
  const byPair = new Map<number, number>();
  let grown = new Map<number, number[]>();
  return {
    count: (left, right) => byPair.get(left * base + right) ?? 0,
    add(left, right, word, change) {
      const key = left * base + right;
      byPair.set(key, (byPair.get(key) ?? 0) + change * counts[word]);
      if (change < 0) return;
      const words = grown.get(key);
      if (words === undefined) grown.set(key, [word]);
      else if (words.at(-1) !== word) words.push(word);
    },
    takeGrown() {
      const taken: QueuedPair[] = [];
      for (const [key, words] of grown) {
        const count = byPair.get(key) as number;
        if (count > 0) taken.push({ left: Math.floor(key / base), right: key % base, count, words });
      }
      grown = new Map();
      return taken;
    },
  };
}

export function countPairs({ ids, starts, lengths, counts }: WordSymbols): PairCounts {
  const pairs = createPairCounts(counts);
  for (let word = 0; word < starts.length; word++) {
    const end = starts[word] + lengths[word];
    for (let i = starts[word]; i + 1 < end; i++) pairs.add(ids[i], ids[i + 1], word, 1);
  }
  return pairs;
}
