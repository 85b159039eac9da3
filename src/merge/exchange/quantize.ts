import { fromBf16, toBf16 } from "../../tensor/dtype.js";
import { blockElements, blocksOf, codeBytes, largestCode, type BlockDType } from "./formats.js";

/** The elements of whole blocks as codes with scales. */
export interface Quantized {
  /** int8: one code per byte, in two's complement; int4: two, the first in the low half. */
  readonly codes: Uint8Array;
  /** One per block, exact in bf16. */
  readonly scales: Float32Array;
}

/** Adding and subtracting it rounds an f64 below 2^51 to the nearest whole number, ties to even. */
const roundingConstant = 1.5 * 2 ** 52;

/**
 * Rounds each element to the nearest multiple of its block's scale, which is the largest magnitude / the largest code,
 * in bf16. The error of an element is at most about half a scale.
 *
 * @throws RangeError if an element is not finite
 */
export function quantize(values: Float32Array, dtype: BlockDType): Quantized {
  const largest = largestCode[dtype];
  const scales = new Float32Array(blocksOf(values.length));
  const codes = new Uint8Array(codeBytes(values.length, dtype));
  for (let block = 0; block < scales.length; block++) {
    const from = block * blockElements;
    const to = Math.min(from + blockElements, values.length);
    const scale = fromBf16(toBf16(largestMagnitude(values, from, to) / largest));
    scales[block] = scale;
    if (scale === 0) continue;
    for (let i = from; i < to; i++) {
      const code = values[i] / scale + roundingConstant - roundingConstant;
      const clipped = code > largest ? largest : code < -largest ? -largest : code;
      if (dtype === "int8") codes[i] = clipped;
      else codes[i >> 1] |= (clipped & 15) << (4 * (i & 1));
    }
  }
  return { codes, scales };
}

function largestMagnitude(values: Float32Array, from: number, to: number): number {
  let largest = 0;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const magnitude = Math.abs(values[i]);
    sum += magnitude;
    if (magnitude > largest) largest = magnitude;
  }
  if (!(sum < Infinity)) throw new RangeError("a change must be finite");
  return largest;
}

/** @param count  number of elements */
export function dequantize({ codes, scales }: Quantized, count: number, dtype: BlockDType): Float32Array {
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const code = dtype === "int8" ? (codes[i] << 24) >> 24 : (codes[i >> 1] << (i & 1 ? 24 : 28)) >> 28;
    out[i] = code * scales[(i / blockElements) | 0];
  }
  return out;
}
