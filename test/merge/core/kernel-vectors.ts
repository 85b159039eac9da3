import fc from "fast-check";
import { roundTo } from "../../../src/merge/core/kernels/rounding.js";
import type { MergeDType } from "../../../src/merge/core/merge-dtype.js";
import type { MergeVector } from "../../../src/merge/core/kernels.js";
import { encodeFloats } from "../../../src/tensor/dtype.js";

/** Zeros, subnormals of every dtype, ties between two values of bf16 and f16, the largest values, infinities, NaN. */
const specials = [
  0,
  -0,
  1,
  -1,
  2 ** -149,
  2 ** -133,
  2 ** -134,
  3 * 2 ** -134,
  2 ** -24,
  2 ** -25,
  3 * 2 ** -26,
  6.097e-5,
  2 ** -14,
  1 + 2 ** -8,
  1 + 3 * 2 ** -8,
  1 + 2 ** -11,
  1 + 3 * 2 ** -11,
  65504,
  65519.99,
  65520,
  3.4e38,
  -3.3961775e38,
  Infinity,
  -Infinity,
  NaN,
];

export const dtypes: readonly MergeDType[] = ["f32", "bf16", "f16"];

const finite = fc.oneof(
  { weight: 6, arbitrary: fc.float({ min: -4, max: 4, noNaN: true }) },
  { weight: 1, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
);
const anything = fc.oneof({ weight: 5, arbitrary: finite }, { weight: 1, arbitrary: fc.constantFrom(...specials) });

/** Values with every special one somewhere, at places that depend on the length. */
export function values(length: number, isFinite = false): fc.Arbitrary<Float32Array> {
  const element = isFinite ? finite : anything;
  return fc
    .array(element, { minLength: Math.min(length, 40), maxLength: Math.min(length, 40) })
    .map((some) => Float32Array.from({ length }, (_, i) => some[(i * 7 + Math.floor(i / 40)) % some.length]));
}

/** `read` gives f32, `stored` the bytes of the dtype. */
export function vectorOf(data: Float32Array, dtype: MergeDType, form: "read" | "stored"): MergeVector {
  const rounded = data.map((value) => roundTo(dtype, value));
  return form === "read" ? rounded : { bytes: unaligned(encodeFloats(rounded, dtype)), stored: dtype };
}

/** The same bytes at an odd address. */
export function unaligned(bytes: Uint8Array): Uint8Array {
  const memory = new Uint8Array(bytes.length + 1);
  memory.set(bytes, 1);
  return memory.subarray(1);
}

/** The bits, with one NaN for all. */
export function bitsOf(data: Float32Array): number[] {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length);
  return Array.from(data, (value, i) => (Number.isNaN(value) ? 0x7fc00000 : words[i]));
}
