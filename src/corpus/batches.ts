import { join } from "node:path";
import type { Batch } from "../model/batch.js";
import { StrataError } from "../tensor/errors.js";
import { readShardManifest } from "./shards.js";
import { openElements, type ElementReader } from "./token-file.js";

/** The stream of tokens of some shards, cut into sequences. The cursor is a value: the index of the next sequence. */
export interface ShardReader {
  readonly tokens: number;
  /** Whole sequences of T tokens and their targets. */
  readonly sequences: number;
  /** Sequences [sequence, sequence + B), counted around the end: epochs. */
  batch(sequence: number, B: number): Batch;
}

interface Piece {
  /** First token and first document in the stream. */
  readonly begin: number;
  readonly tokens: number;
  readonly documents: number;
  readonly ids: ElementReader;
  readonly starts: ElementReader;
}

/**
 * Opens shards as one stream. Sequence s reads tokens s·T … s·T+T−1 and predicts those one further; the first token of
 * a document is never predicted, and no position sees another document.
 */
export function openShards(folder: string, shardIndices: readonly number[], T: number): ShardReader {
  const manifest = readShardManifest(folder);
  const pieces: Piece[] = [];
  let begin = 0;
  for (const index of shardIndices) {
    const { file, starts, tokens, documents } = manifest.shards[index];
    const ids = openElements(join(folder, file), manifest.tokenBytes);
    pieces.push({ begin, tokens, documents, ids, starts: openElements(join(folder, starts), 8) });
    begin += tokens;
  }
  const tokens = begin;
  const sequences = Math.floor((tokens - 1) / T);
  if (sequences < 1) {
    throw new StrataError("CorpusError", {
      where: folder,
      expected: `more than ${T} tokens in shards ${shardIndices.join(", ")}`,
      got: String(tokens),
      hint: "Lower training.sequenceLength or give more data.",
    });
  }
  return {
    tokens,
    sequences,
    batch(sequence, B) {
      const batch: Batch = {
        B, T, ids: new Int32Array(B * T), targets: new Int32Array(B * T), firstVisible: new Int32Array(B * T),
      };
      for (let b = 0; b < B; b++) fillSequence(pieces, ((sequence + b) % sequences) * T, b, batch);
      return batch;
    },
  };
}

function fillSequence(pieces: readonly Piece[], from: number, b: number, { T, ids, targets, firstVisible }: Batch): void {
  const { tokens, isStart } = readWindow(pieces, from, T + 1);
  let first = 0;
  for (let t = 0; t < T; t++) {
    if (isStart[t]) first = t;
    ids[b * T + t] = tokens[t];
    targets[b * T + t] = isStart[t + 1] ? -1 : tokens[t + 1];
    firstVisible[b * T + t] = first;
  }
}

/** Tokens [from, from + length) of the stream and which of them begin a document. */
function readWindow(pieces: readonly Piece[], from: number, length: number) {
  const tokens = new Int32Array(length);
  const isStart = new Uint8Array(length);
  for (const piece of pieces) {
    const low = Math.max(from, piece.begin);
    const high = Math.min(from + length, piece.begin + piece.tokens);
    if (low >= high) continue;
    tokens.set(piece.ids.read(low - piece.begin, high - low) as Uint16Array, low - from);
    for (let document = documentFrom(piece, low - piece.begin); document < piece.documents; document++) {
      const start = piece.starts.read(document, 1)[0] + piece.begin;
      if (start >= high) break;
      isStart[start - from] = 1;
    }
  }
  return { tokens, isStart };
}

/** The first document of a piece that starts at or after a token (binary search on the file). */
function documentFrom({ documents, starts }: Piece, token: number): number {
  let [low, high] = [0, documents];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts.read(middle, 1)[0] < token) low = middle + 1;
    else high = middle;
  }
  return low;
}
