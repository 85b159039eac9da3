import type { MergeKernels, MergeVector } from "../core/kernels.js";
import { chunkElements, type MergeDType, type MergeInput } from "../core/method.js";

/** An input whose last chunk can be read again without reading the file. */
export interface RememberedInput {
  /** For the method. */
  readonly input: MergeInput;
  /** Elements [from, from + count), which the caller does not change: valid until the input is read again. */
  vector(from: number, count: number): MergeVector;
}

interface Memory {
  readonly from: number;
  readonly count: number;
  readonly vector: MergeVector;
}

export function rememberInput(input: MergeInput, kernels: MergeKernels, dtype: MergeDType): RememberedInput {
  let memory: Memory | null = null;
  let copy = new Float32Array(0);
  const keep = (from: number, count: number, vector: MergeVector) => {
    memory = count <= chunkElements ? { from, count, vector } : null;
  };
  const { readStored } = input;
  const fromFile = (from: number, count: number) => {
    const vector = readStored?.(from, count);
    if (vector !== undefined) keep(from, count, vector);
    return vector;
  };
  const read: MergeInput["read"] = (from, count, out) => {
    const stored = fromFile(from, count);
    if (stored !== undefined) return kernels.decode(stored.bytes, stored.stored, dtype, out);
    const values = input.read(from, count, out);
    if (count > chunkElements) {
      memory = null;
      return values;
    }
    // The caller may change the values.
    if (copy.length !== count) copy = new Float32Array(count);
    copy.set(values);
    keep(from, count, copy);
    return values;
  };
  return {
    input: { ...input, read, ...(readStored && { readStored: fromFile as MergeInput["readStored"] }) },
    vector(from, count) {
      if (memory?.from === from && memory.count === count) return memory.vector;
      return fromFile(from, count) ?? input.read(from, count);
    },
  };
}
