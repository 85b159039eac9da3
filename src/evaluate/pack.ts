import type { Batch } from "../model/batch.js";
import type { Piece } from "./pieces.js";

/** A piece's place: the first row of its inputs in a batch. */
export interface Placed {
  /** Index into the pieces given. */
  readonly piece: number;
  readonly row: number;
}

export interface PackedBatch {
  readonly batch: Batch;
  readonly placed: readonly Placed[];
}

/**
 * Puts pieces side by side into sequences of T positions and sequences into batches of at most `maximumRows` rows: long
 * pieces first, each into the fullest sequence that has room. A position sees its own piece only.
 *
 * @param T  at least the length of every piece
 */
export function* packPieces(pieces: readonly Piece[], T: number, maximumRows: number): Generator<PackedBatch> {
  const sequences = fillSequences(pieces, T);
  const B = Math.max(1, Math.floor(maximumRows / T));
  for (let i = 0; i < sequences.length; i += B) yield packBatch(pieces, sequences.slice(i, i + B), T);
}

/** Best fit in descending length: the indices of the pieces in each sequence. */
function fillSequences(pieces: readonly Piece[], T: number): number[][] {
  const order = pieces.map((_, i) => i).sort((a, b) => pieces[b].inputs.length - pieces[a].inputs.length || a - b);
  const sequences: number[][] = [];
  const withRoom: number[][][] = Array.from({ length: T + 1 }, () => []); // [room left] → sequences
  for (const piece of order) {
    const { length } = pieces[piece].inputs;
    let room = length;
    while (room <= T && withRoom[room].length === 0) room++;
    const sequence = room <= T ? (withRoom[room].pop() as number[]) : [];
    if (room > T) sequences.push(sequence);
    sequence.push(piece);
    withRoom[Math.min(room, T) - length].push(sequence);
  }
  return sequences;
}

function packBatch(pieces: readonly Piece[], sequences: readonly number[][], T: number): PackedBatch {
  const B = sequences.length;
  const ids = new Int32Array(B * T);
  const targets = new Int32Array(B * T).fill(-1);
  const firstVisible = Int32Array.from(ids, (_, n) => n % T); // padding sees itself only
  const placed: Placed[] = [];
  sequences.forEach((sequence, b) => {
    let position = 0;
    for (const piece of sequence) {
      const { inputs, predicted } = pieces[piece];
      const row = b * T + position;
      ids.set(inputs, row);
      targets.set(predicted, row + inputs.length - predicted.length);
      firstVisible.fill(position, row, row + inputs.length);
      placed.push({ piece, row });
      position += inputs.length;
    }
  });
  return { batch: { B, T, ids, targets, firstVisible }, placed };
}
