import { toF16 } from "../../tensor/dtype.js";

/** Values that share a scale. */
export const q8BlockSize = 32;
/** An f16 scale and 32 signed bytes. */
export const q8BlockBytes = 2 + q8BlockSize;

/**
 * q8_0: for each block of 32 values x, the scale d = max|x| / 127 in f16, then round(x / d) as signed bytes, halves
 * away from zero. As in ggml's reference quantizer, the quotient is x · (1/d) in f32, with d not yet rounded to f16.
 *
 * @param values  finite; their number is a multiple of 32
 * @see quantize_row_q8_0_ref in ggml/src/ggml-quants.c, https://github.com/ggml-org/llama.cpp
 */
export function quantizeQ8(values: Float32Array): Uint8Array {
  const blocks = values.length / q8BlockSize;
  const out = new Uint8Array(blocks * q8BlockBytes);
  const { fround, abs, floor } = Math;
  for (let block = 0; block < blocks; block++) {
    const from = block * q8BlockSize;
    let largest = 0;
    for (let i = from; i < from + q8BlockSize; i++) largest = Math.max(largest, abs(values[i]));
    const scale = fround(largest / 127);
    const inverse = fround(1 / scale);
    let at = block * q8BlockBytes;
    const half = toF16(scale);
    out[at++] = half & 255;
    out[at++] = half >>> 8;
    // If the inverse overflows f32, the scale is zero in f16 as well.
    if (!Number.isFinite(inverse)) continue;
    for (let i = from; i < from + q8BlockSize; i++) {
      const quotient = fround(values[i] * inverse);
      out[at++] = quotient < 0 ? -floor(0.5 - quotient) : floor(quotient + 0.5);
    }
  }
  return out;
}
