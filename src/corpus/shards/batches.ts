import { join } from "node:path";
import type { Batch } from "../../model/layers/batch.js";
import { StrataError } from "../../errors/strata-error.js";
import { checkSize, decodeNumbers, readNumbers, readRange } from "../../files/number-file.js";
import type { Shard, ShardManifest } from "./shard-manifest.js";
import { readManifest } from "../tokens/token-manifest.js";

/** The tokens of some shards as one stream, cut into sequences. Stateless: the caller keeps the sequence index. */
export interface ShardReader {
  readonly tokens: number;
  /** Number of sequences of T positions with targets: ⌊(tokens − 1) / T⌋. */
  readonly sequences: number;
  /** Sequences `sequence` … `sequence + B − 1`, modulo `sequences`: each pass is an epoch. */
  batch(sequence: number, B: number): Batch;
}

interface OpenShard {
  /** Position of the shard's first token in the stream. */
  readonly first: number;
  readonly documents: number;
  /** [documents + 1] positions of first tokens in the shard, then its number of tokens */
  readonly starts: ArrayLike<number>;
  readonly tokenAt: (index: number) => number;
  /** Whether a token is predicted. */
  readonly isPredicted: (index: number) => boolean;
}

/**
 * Opens shards as one stream in the given order. Sequence s reads the tokens s·T … s·T + T − 1 and predicts the next
 * token of each. The first token of a document and tokens with mask 0 are not predicted, and no position attends to
 * another document.
 *
 * Holds 8 bytes per document and a window of each token file in memory.
 *
 * @throws StrataError if a file is truncated, or there are fewer than T + 1 tokens
 */
export function openShards(folder: string, shardIndices: readonly number[], T: number): ShardReader {
  const manifest = readManifest<ShardManifest>(folder);
  const shards: OpenShard[] = [];
  let tokens = 0;
  for (const index of shardIndices) {
    shards.push(openShard(folder, index, manifest, tokens));
    tokens += manifest.shards[index].tokens;
  }
  if (tokens < T + 1) throw tooFewTokens(folder, shardIndices, T, tokens);
  const sequences = Math.floor((tokens - 1) / T);
  return {
    tokens,
    sequences,
    batch(sequence, B) {
      const N = B * T;
      const batch: Batch = {
        B,
        T,
        ids: new Int32Array(N),
        targets: new Int32Array(N),
        firstVisible: new Int32Array(N),
      };
      for (let b = 0; b < B; b++) fillSequence(batch, b * T, shards, ((sequence + b) % sequences) * T);
      return batch;
    },
  };
}

function openShard(folder: string, index: number, manifest: ShardManifest, first: number): OpenShard {
  const shard = manifest.shards[index];
  if (shard === undefined) {
    throw new StrataError("CorpusError", {
      where: folder,
      expected: `shards 0 to ${manifest.shards.length - 1}`,
      got: String(index),
      hint: "Cut the data into as many shards as there are parts.",
    });
  }
  const path = join(folder, shard.file);
  checkSize(path, shard.tokens * manifest.tokenBytes);
  const starts = readNumbers(join(folder, shard.starts), 8, shard.documents + 1);
  const tokenAt = openNumbers(path, manifest.tokenBytes, shard.tokens);
  return { first, documents: shard.documents, starts, tokenAt, isPredicted: openMask(folder, shard) };
}

function openMask(folder: string, { mask, tokens }: Shard): (index: number) => boolean {
  if (mask === null) return () => true;
  const path = join(folder, mask);
  checkSize(path, tokens);
  const at = openNumbers(path, 1, tokens);
  return (index) => at(index) === 1;
}

/** Fills positions [at, at + T) of a batch with the stream from `position`, document by document. */
function fillSequence(
  { T, ids, targets, firstVisible }: Batch,
  at: number,
  shards: readonly OpenShard[],
  position: number,
): void {
  let s = shards.findLastIndex(({ first }) => first <= position);
  let document = documentAt(shards[s].starts, shards[s].documents, position - shards[s].first);
  for (let t = 0; t < T; document++) {
    if (document === shards[s].documents) [s, document] = [s + 1, 0];
    const { first, starts, tokenAt, isPredicted } = shards[s];
    const end = starts[document + 1];
    const visible = Math.max(0, first + starts[document] - position);
    for (let index = position + t - first; index < end && t < T; index++, t++) {
      ids[at + t] = tokenAt(index);
      targets[at + t] = index + 1 < end && isPredicted(index + 1) ? tokenAt(index + 1) : -1;
      firstVisible[at + t] = visible;
    }
  }
}

/** The index of the document that contains a token: the last one that starts at or before it. */
function documentAt(starts: ArrayLike<number>, documents: number, token: number): number {
  let [low, high] = [0, documents - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle] <= token) low = middle;
    else high = middle - 1;
  }
  return low;
}

const windowLength = 1 << 15;

/** Random access to the numbers of a file through a moving window. */
function openNumbers(path: string, size: 1 | 2 | 4, count: number): (index: number) => number {
  let begin = 0;
  let window: ArrayLike<number> = [];
  return (index) => {
    if (index < begin || index >= begin + window.length) {
      begin = index - (index % windowLength);
      const bytes = readRange(path, begin * size, Math.min(windowLength, count - begin) * size);
      window = size === 1 ? bytes : decodeNumbers(bytes, size);
    }
    return window[index - begin];
  };
}

function tooFewTokens(folder: string, shardIndices: readonly number[], T: number, tokens: number): StrataError {
  return new StrataError("CorpusError", {
    where: `${folder} shard${shardIndices.length === 1 ? "" : "s"} ${shardIndices.join(", ")}`,
    expected: `at least ${T + 1} tokens, for one sequence of ${T} and its targets`,
    got: String(tokens),
    hint: "Lower `sequenceLength`, or use more data.",
  });
}
