import { bytesPerElement, type DType } from "../../tensor/dtype.js";
import { checkSlice } from "../check-arguments.js";
import type { DeviceBuffer, DeviceMemory } from "../kernels.js";

export type BufferView = Float32Array | Float64Array | Int32Array | Uint16Array | Uint8Array;

/** Code of a dtype in native/kernels.hpp. */
export const dtypeCode: Record<DType, number> = { f32: 0, bf16: 1, f16: 2, f64: 3, i32: 4 };

/** A buffer of the CPU device; the addon takes the address from its view. */
export class CpuBuffer implements DeviceBuffer {
  readonly dtype: DType;
  readonly length: number;
  readonly memory: DeviceMemory;
  /** Has the element type of dtype; a Uint8Array for a mapped file, whose elements may be unaligned. */
  view: BufferView;

  constructor(memory: DeviceMemory, dtype: DType, length: number, view: BufferView) {
    this.memory = memory;
    this.dtype = dtype;
    this.length = length;
    this.view = view;
  }

  slice(offset: number, length: number): CpuBuffer {
    checkSlice(this, offset, length);
    const scale = bytesPerElement(this.dtype) / this.view.BYTES_PER_ELEMENT;
    const view = this.view.subarray(offset * scale, (offset + length) * scale);
    return new CpuBuffer(this.memory, this.dtype, length, view);
  }
}

/** The view of `length` elements of a dtype that fills `memory`. */
export function viewOf(memory: ArrayBuffer, dtype: DType, length: number): BufferView {
  if (dtype === "f32") return new Float32Array(memory, 0, length);
  if (dtype === "f64") return new Float64Array(memory, 0, length);
  if (dtype === "i32") return new Int32Array(memory, 0, length);
  return new Uint16Array(memory, 0, length);
}
