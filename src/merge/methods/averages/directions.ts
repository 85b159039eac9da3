import type { MergeVector } from "../../core/kernels.js";
import { rounder } from "../../core/kernels/rounding.js";
import type { TensorToMerge } from "../../core/method.js";
import { chunkReader, chunksOf, type Chunk } from "../../core/tensor-chunks.js";

/** One chunk of all models. Its memory is used again for the next. */
export interface ChunkOfDirections {
  /** The models, or their changes from the base. */
  readonly changes: readonly MergeVector[];
  /** These divided by their norms. */
  readonly units: readonly Float32Array[];
  /** The base. */
  readonly from: MergeVector | null;
}

/**
 * Reads the models of a tensor, or their changes from its base, as unit vectors.
 *
 * @param divisorOf  the divisor for a norm in the tensor's dtype; null if units are not needed
 */
export function directionReader(tensor: TensorToMerge, divisorOf: ((norm: number) => number) | null) {
  const { inputs, base, kernels, dtype, length } = tensor;
  const read = chunkReader(base === null ? inputs : [...inputs, base]);
  const buffers: { changes: Float32Array[]; units: Float32Array[] } = { changes: [], units: [] };
  const changesOf = (chunk: Chunk) => {
    const vectors = read(chunk);
    if (base === null) return { changes: vectors, from: null };
    const from = vectors[inputs.length];
    inputs.forEach((_, k) => {
      buffers.changes[k] = kernels.difference(vectors[k], from, dtype, buffers.changes[k]);
    });
    return { changes: buffers.changes, from };
  };
  /** Of each model, in f64. */
  const squares = inputs.map(() => 0);
  if (divisorOf !== null) {
    for (const chunk of chunksOf(length)) {
      changesOf(chunk).changes.forEach((change, k) => (squares[k] += kernels.gram([change])[0]));
    }
  }
  const round = rounder(dtype);
  const divisors = squares.map((square) => divisorOf?.(round(Math.sqrt(square))) ?? 1);
  return {
    squares,
    read(chunk: Chunk): ChunkOfDirections {
      const { changes, from } = changesOf(chunk);
      if (divisorOf !== null) {
        changes.forEach((change, k) => {
          buffers.units[k] = kernels.weightedSum([change], [1], divisors[k], dtype, buffers.units[k]);
        });
      }
      return { changes, units: buffers.units, from };
    },
  };
}
