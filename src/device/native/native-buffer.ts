import { bytesPerElement, type DType } from "../../tensor/dtype.js";
import { StrataError } from "../../errors/strata-error.js";
import type { DeviceBuffer } from "../kernels.js";

export type BufferView = Float32Array | Float64Array | Int32Array | Uint16Array | Uint8Array;

/** Code of a dtype in native/kernels.hpp. */
export const dtypeCode: Record<DType, number> = { f32: 0, bf16: 1, f16: 2, f64: 3, i32: 4 };

/** Where a buffer's values lie: in memory, in a file that is only read, or in a file of the device's own. */
export type BufferHome = "memory" | "file" | "scratch";

/** Memory of the native device: a view that the addon reads the address from. */
export class NativeBuffer implements DeviceBuffer {
  readonly dtype: DType;
  readonly length: number;
  /** Typed by dtype; the bytes of the file where the buffer is mapped, as its elements may not be aligned. */
  readonly view: BufferView;
  readonly home: BufferHome;

  constructor(dtype: DType, length: number, view: BufferView, home: BufferHome) {
    this.dtype = dtype;
    this.length = length;
    this.view = view;
    this.home = home;
  }

  slice(offset: number, length: number): NativeBuffer {
    if (
      !(
        Number.isInteger(offset) &&
        Number.isInteger(length) &&
        offset >= 0 &&
        length > 0 &&
        offset + length <= this.length
      )
    ) {
      throw new StrataError("DeviceError", {
        where: "slice of a buffer",
        expected: `a range within its ${this.length} elements`,
        got: `${length} elements from ${offset}`,
        hint: "Ask for fewer elements.",
      });
    }
    const scale = bytesPerElement(this.dtype) / this.view.BYTES_PER_ELEMENT;
    const view = this.view.subarray(offset * scale, (offset + length) * scale);
    return new NativeBuffer(this.dtype, length, view, this.home);
  }
}

/** The view of `length` elements of a dtype that fills `memory`. */
export function viewOf(memory: ArrayBuffer, dtype: DType, length: number): BufferView {
  if (dtype === "f32") return new Float32Array(memory, 0, length);
  if (dtype === "f64") return new Float64Array(memory, 0, length);
  if (dtype === "i32") return new Int32Array(memory, 0, length);
  return new Uint16Array(memory, 0, length);
}
