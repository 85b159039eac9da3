import { chunkElements } from "./core/method.js";

/** A tensor that is read in whole chunks, the last of which is kept: a small tensor is read once. */
export interface HeldTensor {
  /** Elements [from, from + count), which the caller does not change; valid until the next call. */
  values(from: number, count: number): Float32Array;
}

/**
 * @param length  of the tensor
 * @param read    its elements [from, from + count) in new memory, where `from` is a multiple of `chunkElements`
 */
export function heldTensor(length: number, read: (from: number, count: number) => Float32Array): HeldTensor {
  let first = -1;
  let held: Float32Array = new Float32Array(0);
  const chunkFrom = (start: number) => {
    if (start !== first) held = read(start, Math.min(chunkElements, length - start));
    first = start;
    return held;
  };
  return {
    values(from, count) {
      const start = from - (from % chunkElements);
      if (from + count <= start + chunkElements) return chunkFrom(start).subarray(from - start, from - start + count);
      const values = new Float32Array(count);
      for (let at = from; at < from + count;) {
        const chunk = at - (at % chunkElements);
        const end = Math.min(from + count, chunk + chunkElements);
        values.set(chunkFrom(chunk).subarray(at - chunk, end - chunk), at - from);
        at = end;
      }
      return values;
    },
  };
}
