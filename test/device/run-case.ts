import type { Device, DeviceBuffer } from "../../src/device/kernels.js";
import type { KernelCase, Tensor } from "./case-tensors.js";

const fence = 24;
const sentinel = 12345;

export type Results = Readonly<Record<string, Float32Array | Float64Array | Int32Array>>;

/**
 * Runs a case with guard elements after each buffer; returns all buffers afterwards.
 *
 * @throws if a guard has changed
 */
export async function runCase(device: Device, { tensors, call, name }: KernelCase): Promise<Results> {
  const whole: Record<string, DeviceBuffer> = {};
  const buffers: Record<string, DeviceBuffer> = {};
  for (const [key, tensor] of Object.entries(tensors)) {
    whole[key] = device.allocate(tensor.dtype, tensor.data.length + fence);
    device.write(whole[key], guarded(tensor));
    buffers[key] = whole[key].slice(0, tensor.data.length);
  }
  call(device.kernels, buffers);
  const results: Record<string, Float32Array | Float64Array | Int32Array> = {};
  for (const [key, { data, dtype }] of Object.entries(tensors)) {
    const read = await device.read(whole[key]);
    const guard = dtype === "bf16" || dtype === "f16" ? 12288 : sentinel;
    if (read.subarray(data.length).some((value) => value !== guard))
      throw new Error(`${name} wrote past the end of ${key}`);
    results[key] = read.subarray(0, data.length);
  }
  return results;
}

function guarded({ dtype, data }: Tensor): Float32Array | Float64Array | Int32Array {
  const numbers = dtype === "i32" ? new Int32Array(data.length + fence) : new Float64Array(data.length + fence);
  numbers.set(data);
  return numbers.fill(dtype === "bf16" || dtype === "f16" ? 12288 : sentinel, data.length);
}

/** Σ(a − b)² / Σb²; where b is all 0, the mean of a². NaN if anything is. */
export function normalizedError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let energy = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    energy += b[i] ** 2;
  }
  return difference / (energy > 0 ? energy : b.length);
}
