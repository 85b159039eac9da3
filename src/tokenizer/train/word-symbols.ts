/** The ids of the words of a corpus in one array; merging shortens words in place. */
export interface WordSymbols {
  readonly ids: Int32Array;
  readonly starts: Uint32Array;
  /** By word: the current number of ids. */
  readonly lengths: Uint32Array;
  /** By word: its count in the corpus. */
  readonly counts: Float64Array;
}

export function listWordSymbols(words: ReadonlyMap<string, number>, idOfByte: Int32Array): WordSymbols {
  const lengths = Uint32Array.from(words.keys(), (word) => Buffer.byteLength(word));
  const starts = new Uint32Array(words.size);
  for (let word = 1; word < words.size; word++) starts[word] = starts[word - 1] + lengths[word - 1];
  const ids = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const word of words.keys()) for (const byte of Buffer.from(word)) ids[at++] = idOfByte[byte];
  return { ids, starts, lengths, counts: Float64Array.from(words.values()) };
}

/**
 * Replaces the pair by `result` throughout one word, from the left.
 *
 * @param onChange  called with each adjacent pair that appears (+1) or disappears (−1)
 */
export function mergeInWord(
  word: number,
  left: number,
  right: number,
  result: number,
  symbols: WordSymbols,
  onChange: (left: number, right: number, change: number) => void,
): void {
  const { ids, starts, lengths } = symbols;
  const end = starts[word] + lengths[word];
  let to = starts[word];
  for (let from = to; from < end; from++) {
    if (ids[from] !== left || from + 1 >= end || ids[from + 1] !== right) {
      ids[to++] = ids[from];
      continue;
    }
    if (to > starts[word]) {
      onChange(ids[to - 1], left, -1);
      onChange(ids[to - 1], result, 1);
    }
    if (from + 2 < end) {
      onChange(right, ids[from + 2], -1);
      onChange(result, ids[from + 2], 1);
    }
    ids[to++] = result;
    from++;
  }
  lengths[word] = to - starts[word];
}
