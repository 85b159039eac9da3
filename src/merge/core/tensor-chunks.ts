import type { Groups, MergeVector } from "./kernels.js";
import { chunkElements, type MergeInput, type TensorToMerge } from "./method.js";

export interface Chunk {
  readonly from: number;
  readonly count: number;
}

/**
 * The chunks of a tensor, in order.
 *
 * @param unit  a chunk holds whole groups of so many elements: at least one
 */
export function* chunksOf(length: number, unit = 1): Generator<Chunk> {
  const step = Math.max(1, Math.floor(chunkElements / unit)) * unit;
  for (let from = 0; from < length; from += step) yield { from, count: Math.min(step, length - from) };
}

/** Reads the same chunk of several inputs; each read may overwrite the one before. */
export function chunkReader(inputs: readonly MergeInput[]): (chunk: Chunk) => MergeVector[] {
  const buffers: (Float32Array | undefined)[] = [];
  return ({ from, count }) =>
    inputs.map((input, k) => input.readStored?.(from, count) ?? (buffers[k] = input.read(from, count, buffers[k])));
}

/** A tensor as a matrix whose rows are its last axis. A vector is one row. */
export function lastAxisRows({ shape, length }: TensorToMerge): { readonly rows: number; readonly columns: number } {
  const columns = shape.at(-1) ?? 1;
  return { rows: columns === 0 ? 0 : length / columns, columns };
}

/** All elements as one group. */
export function oneGroup(count: number): Groups {
  return { rows: 1, columns: count, of: "rows" };
}

/** One input as it is, in chunks. */
export function* copyOf(tensor: TensorToMerge, input: MergeInput): Generator<Float32Array> {
  const { kernels, dtype, length } = tensor;
  const read = chunkReader([input]);
  let out: Float32Array | undefined;
  for (const chunk of chunksOf(length)) yield (out = kernels.weightedSum(read(chunk), [1], 1, dtype, out));
}

/** Whether all inputs are the same bit for bit; stops at the first chunk that differs. */
export function areCopies(tensor: TensorToMerge, inputs: readonly MergeInput[]): boolean {
  const read = chunkReader(inputs);
  for (const chunk of chunksOf(tensor.length)) if (!tensor.kernels.areSame(read(chunk))) return false;
  return true;
}
