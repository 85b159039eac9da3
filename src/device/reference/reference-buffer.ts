import { decodeFloats, fromBf16, fromF16, toBf16, toF16, type DType, type FloatArray } from "../../tensor/dtype.js";
import type { DeviceBuffer } from "../kernels.js";

/** Values of a buffer as plain numbers. bf16 and f16 hold numbers of that precision; f32 may hold f64 (see the device). */
export interface ReferenceBuffer extends DeviceBuffer {
  readonly values: FloatArray | Int32Array;
}

export function createBuffer(dtype: DType, values: FloatArray | Int32Array): ReferenceBuffer {
  return {
    dtype,
    values,
    length: values.length,
    slice: (offset, length) => createBuffer(dtype, values.subarray(offset, offset + length)),
  };
}

/** The numbers of a float buffer, to read and to write. */
export function floats(buffer: DeviceBuffer): FloatArray {
  const { values } = buffer as ReferenceBuffer;
  if (values instanceof Int32Array) throw new TypeError("a float buffer is expected, not i32");
  return values;
}

export function integers(buffer: DeviceBuffer): Int32Array {
  const { values } = buffer as ReferenceBuffer;
  if (values instanceof Int32Array) return values;
  throw new TypeError(`an i32 buffer is expected, not ${buffer.dtype}`);
}

/** Rounds a number to what a buffer of this dtype can hold. */
export function roundTo(dtype: DType, value: number): number {
  if (dtype === "bf16") return fromBf16(toBf16(value));
  if (dtype === "f16") return fromF16(toF16(value));
  return value;
}

export function decodeStored(bytes: Uint8Array, dtype: DType, precision: "f32" | "f64"): FloatArray {
  const values = decodeFloats(bytes, dtype);
  return precision === "f64" ? Float64Array.from(values) : values;
}
