import type { InputTensor } from "./input-tensor.js";

/** Says what will be read after what is being read, so that the disk works while the processor computes. */
export interface ReadAhead {
  /** A read of a tensor has come to this byte of it, as stored. */
  reached(tensor: InputTensor, at: number): void;
}

/** So much is expected beyond what is being read: a tenth of a second of a fast disk. */
const aheadBytes = 1 << 27;
/** Tensors that are merged are read in turn, in chunks of about this size. */
const sliceBytes = 1 << 21;

interface Slice {
  readonly tensor: InputTensor;
  readonly from: number;
  readonly length: number;
}

/** @param groups  tensors that are read together, in the order in which they are read */
export function createReadAhead(groups: readonly (readonly InputTensor[])[]): ReadAhead {
  const starts = new Map<InputTensor, { readonly start: number; readonly width: number }>();
  let total = 0;
  for (const group of groups) {
    for (const tensor of group) if (!starts.has(tensor)) starts.set(tensor, { start: total, width: group.length });
    total += group.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  }
  const slices = slicesOf(groups);
  let expected = 0;
  return {
    reached(tensor, at) {
      const place = starts.get(tensor);
      if (place === undefined) return;
      const limit = place.start + at * place.width + aheadBytes;
      while (expected < limit) {
        const { done, value } = slices.next();
        if (done === true) return;
        expected += value.length;
        // A merge that resumes does not start with the first tensor.
        if (expected > place.start) value.tensor.expect(value.from, value.length);
      }
    },
  };
}

function* slicesOf(groups: readonly (readonly InputTensor[])[]): Generator<Slice, undefined> {
  for (const group of groups) {
    const longest = Math.max(0, ...group.map(({ storedBytes }) => storedBytes));
    for (let from = 0; from < longest; from += sliceBytes)
      for (const tensor of group) {
        const length = Math.min(sliceBytes, tensor.storedBytes - from);
        if (length > 0) yield { tensor, from, length };
      }
  }
}
