import { changeDType } from "../../../core/input-dtype.js";
import { chunkElements, type MergeInput, type TensorToMerge } from "../../../core/method.js";

/** Elements per block: the blocks of a few inputs stay in the caches of the processor. */
const blockElements = 1 << 18;

/** The changes of inputs in consecutive elements of a tensor. */
export interface ChangeBlock {
  readonly base: Float32Array;
  /** input − base, in memory that the next block uses again. */
  readonly rows: readonly Float32Array[];
  /** The rows, one after the other. */
  readonly matrix: Float32Array;
}

/** The base of a method that requires one. */
export function baseOf({ base, where }: TensorToMerge): MergeInput {
  if (base === null) throw new RangeError(`${where} has no base`);
  return base;
}

/**
 * The changes of a tensor's inputs, block by block.
 *
 * @param unit  blocks are a multiple of so many elements
 */
export function* changeBlocks(
  tensor: TensorToMerge,
  inputs: readonly MergeInput[] = tensor.inputs,
  unit = 1,
): Generator<ChangeBlock> {
  const { kernels, length } = tensor;
  const dtypes = inputs.map((input) => changeDType(tensor, input));
  const reader = baseOf(tensor);
  const size = Math.min(length, Math.max(1, Math.floor(blockElements / unit)) * unit);
  const memory = new Float32Array(inputs.length * size);
  let values: Float32Array | undefined;
  let base: Float32Array | undefined;
  for (let from = 0; from < length; from += size) {
    const count = Math.min(size, length - from);
    const origin = reader.read(from, count, base);
    base = origin;
    const matrix = memory.subarray(0, inputs.length * count);
    const rows = inputs.map((input, i) => {
      const row = matrix.subarray(i * count, (i + 1) * count);
      const vector = input.readStored?.(from, count) ?? (values = input.read(from, count, values));
      return kernels.difference(vector, origin, dtypes[i], row);
    });
    yield { base: origin, rows, matrix };
  }
}

/** A block in pieces of the size of a chunk. */
export function* inChunks(block: Float32Array): Generator<Float32Array> {
  for (let from = 0; from < block.length; from += chunkElements) yield block.subarray(from, from + chunkElements);
}
