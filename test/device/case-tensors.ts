/** A call of kernels and the seeded data of its buffers. */
import type { DeviceBuffer, Kernels } from "../../src/device/kernels.js";
import { decodeFloats, encodeFloats, type DType } from "../../src/tensor/dtype.js";
import { fillNormal, randomInteger, randomKey } from "../../src/tensor/random.js";

export interface Tensor {
  readonly dtype: DType;
  readonly data: Float32Array | Float64Array | Int32Array;
}
export type Tensors = Readonly<Record<string, Tensor>>;
export interface KernelCase {
  readonly name: string;
  readonly tensors: Tensors;
  readonly call: (kernels: Kernels, buffers: Record<string, DeviceBuffer>) => void;
}

/** Seeded normal numbers of this dtype. */
export function normal(name: string, length: number, dtype: DType = "f32", scale = 1): Tensor {
  const data = new Float32Array(length);
  fillNormal(data, randomKey(7, name), scale);
  return { dtype, data: dtype === "f32" ? data : decodeFloats(encodeFloats(data, dtype), dtype) };
}
export function zeros(length: number, dtype: DType = "f32"): Tensor {
  return {
    dtype,
    data:
      dtype === "i32" ? new Int32Array(length) : dtype === "f64" ? new Float64Array(length) : new Float32Array(length),
  };
}
export function integers(name: string, length: number, low: number, bound: number): Tensor {
  const key = randomKey(7, name);
  return { dtype: "i32", data: Int32Array.from({ length }, (_, i) => low + randomInteger(key, i, bound - low)) };
}
