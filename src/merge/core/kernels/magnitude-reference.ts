import type { TaskVectorKernels } from "../task-vector-kernels.js";

type MagnitudeKernels = Pick<
  TaskVectorKernels,
  "countMagnitudes" | "keepRange" | "keepWhere" | "keepAtRandom" | "keepByRank"
>;

/** The kernels that choose elements by magnitude or at random. */
export const magnitudeReference: MagnitudeKernels = {
  countMagnitudes(totals, values, upper) {
    for (const bits of bitsOf(values)) {
      const high = (bits & 0x7fffffff) >>> 16;
      if (upper === null) totals[high]++;
      else if (high === upper) totals[bits & 0xffff]++;
    }
  },
  keepRange(values, { low, lowFirst, lowEnd, high, highEnd }, seen) {
    const bits = bitsOf(values);
    for (let i = 0; i < values.length; i++) {
      const magnitude = bits[i] & 0x7fffffff;
      let isInside = magnitude > low && magnitude < high;
      if (magnitude === low) {
        isInside = seen.low >= lowFirst && seen.low < lowEnd;
        seen.low++;
      } else if (magnitude === high) isInside = seen.high++ < highEnd;
      if (!isInside) values[i] = 0;
    }
  },
  keepWhere(values, mask) {
    for (let i = 0; i < values.length; i++) if (mask[i] === 0) values[i] = 0;
  },
  keepAtRandom(values, words, bound) {
    for (let i = 0; i < values.length; i++) if ((words[i] & 0xffffff) >= bound) values[i] = 0;
  },
  keepByRank(values, words, bounds, stride) {
    const group = bounds.length * stride;
    for (let begin = 0; begin < values.length; begin += group) {
      for (let first = begin; first < begin + stride; first++) keepRow(values, words, bounds, first, stride);
    }
  },
};

function keepRow(values: Float32Array, words: Uint32Array, bounds: Uint32Array, first: number, stride: number): void {
  const bits = bitsOf(values);
  const magnitude = (position: number) => bits[first + position * stride] & 0x7fffffff;
  const order = Array.from(bounds, (_, position) => position).sort((a, b) => magnitude(a) - magnitude(b));
  for (const [rank, position] of order.entries()) {
    const at = first + position * stride;
    if ((words[at] & 0xffffff) >= bounds[rank]) values[at] = 0;
  }
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}
