/** Element types of tensors in files and on devices. `f64` and `i32` tensors exist on devices only. */
export type DType = "f32" | "bf16" | "f16" | "f64" | "i32";
export type FloatArray = Float32Array | Float64Array;

const bytes: Record<DType, number> = { f32: 4, bf16: 2, f16: 2, f64: 8, i32: 4 };

export function bytesPerElement(dtype: DType): number {
  return bytes[dtype];
}

const word = new Uint32Array(1);
const real = new Float32Array(word.buffer);

/** The bits of the nearest bf16 (ties to even); NaN stays NaN. */
export function toBf16(value: number): number {
  real[0] = value;
  return bf16OfBits(word[0]);
}

/** @param bits  the bits of an f32 */
function bf16OfBits(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

export function fromBf16(bits: number): number {
  word[0] = bits << 16;
  return real[0];
}

/** The bits of the nearest f16 (ties to even); overflow gives infinity. */
export function toF16(value: number): number {
  real[0] = value;
  const bits = word[0];
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal in f16: a multiple of 2^-24. Scaling by 2^24 is exact; round to the nearest integer, ties to even.
    const scaled = Math.abs(real[0]) * 16777216;
    const floor = Math.floor(scaled);
    const rest = scaled - floor;
    const up = rest > 0.5 || (rest === 0.5 && (floor & 1) === 1);
    return sign | (floor + (up ? 1 : 0));
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

export function fromF16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * Decodes stored elements to f32.
 *
 * @param stored  little-endian elements of `dtype`; the byte length must be a multiple of the element size
 */
export function decodeFloats(stored: Uint8Array, dtype: DType): Float32Array {
  const count = stored.byteLength / bytes[dtype];
  const aligned = stored.byteOffset % 4 === 0 ? stored : stored.slice();
  if (dtype === "f32") return new Float32Array(aligned.buffer, aligned.byteOffset, count).slice();
  const out = new Float32Array(count);
  if (dtype === "bf16") {
    const outWords = new Uint32Array(out.buffer);
    const halves = new Uint16Array(aligned.buffer, aligned.byteOffset, count);
    for (let i = 0; i < count; i++) outWords[i] = halves[i] << 16;
    return out;
  }
  if (dtype === "f16") {
    const halves = new Uint16Array(aligned.buffer, aligned.byteOffset, count);
    for (let i = 0; i < count; i++) out[i] = fromF16(halves[i]);
    return out;
  }
  throw new RangeError(`decodeFloats reads f32, bf16 and f16, not ${dtype}`);
}

/** Encodes f32 values as little-endian elements of `dtype`, rounded to nearest even. */
export function encodeFloats(values: Float32Array, dtype: DType): Uint8Array {
  if (dtype === "f32") return new Uint8Array(values.slice().buffer);
  if (dtype !== "bf16" && dtype !== "f16") throw new RangeError(`encodeFloats writes f32, bf16 and f16, not ${dtype}`);
  const halves = new Uint16Array(values.length);
  if (dtype === "bf16") {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < values.length; i++) halves[i] = bf16OfBits(words[i]);
  } else for (let i = 0; i < values.length; i++) halves[i] = toF16(values[i]);
  return new Uint8Array(halves.buffer);
}
