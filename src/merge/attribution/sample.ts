import type { MergeVector } from "../core/kernels.js";

/** Elements of a block, and of how many blocks one is measured. */
const blockElements = 4096;
const stride = 8;
/** Larger tensors are measured by a sample, so that measuring takes a small part of the time of a merge. */
export const wholeElements = 1 << 20;

/** The starts of one block in each eight: at varying places, because columns and heads have regular distances. */
export function sampleStarts(from: number, count: number): readonly number[] {
  const starts: number[] = [];
  for (let at = 0; at + blockElements * stride <= count; at += blockElements * stride) {
    starts.push(at + blockElements * (scrambled((from + at) / blockElements) % stride));
  }
  return starts;
}

function scrambled(index: number): number {
  const mixed = Math.imul(index ^ 0x9e3779b9, 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 16;
}

/** The elements of a sample, one block after the other. */
export function sampleOf(vector: MergeVector, starts: readonly number[]): MergeVector {
  if (vector instanceof Float32Array) {
    const values = new Float32Array(starts.length * blockElements);
    starts.forEach((start, i) => values.set(vector.subarray(start, start + blockElements), i * blockElements));
    return values;
  }
  const size = blockElements * (vector.stored === "f32" ? 4 : 2);
  const bytes = new Uint8Array(starts.length * size);
  starts.forEach((start, i) => {
    const at = (start / blockElements) * size;
    bytes.set(vector.bytes.subarray(at, at + size), i * size);
  });
  return { ...vector, bytes };
}

/** Elements per element of a sample. */
export function sampleWeight(starts: readonly number[], count: number): number {
  return count / (starts.length * blockElements);
}
