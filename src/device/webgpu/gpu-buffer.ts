import type { DType } from "../../tensor/dtype.js";
import { checkSlice } from "../check-arguments.js";
import type { DeviceBuffer, DeviceMemory } from "../kernels.js";

/** GPU memory of one allocation; all slices of a buffer share it. */
export interface GpuMemory {
  /** Distinguishes allocations in keys of bind groups. */
  readonly id: number;
  readonly buffer: GPUBuffer;
  /** A multiple of 16, so that it can be bound as vectors of 16 bytes. */
  readonly bytes: number;
  /** Whether it exceeds the largest binding, so that kernels bind parts of it. */
  readonly isLarge: boolean;
  /** The values of an i32 buffer that only `write` has changed so far, to check indices; null otherwise. */
  values: Int32Array | null;
  /** Milliseconds that the last read of it waited. */
  waited: number;
}

/** A buffer of the webgpu device. */
export class GpuBuffer implements DeviceBuffer {
  readonly gpu: GpuMemory;
  readonly memory: DeviceMemory;
  readonly dtype: DType;
  /** Elements from the start of the allocation. */
  readonly offset: number;
  readonly length: number;

  constructor(gpu: GpuMemory, memory: DeviceMemory, dtype: DType, offset: number, length: number) {
    this.gpu = gpu;
    this.memory = memory;
    this.dtype = dtype;
    this.offset = offset;
    this.length = length;
  }

  slice(offset: number, length: number): GpuBuffer {
    checkSlice(this, offset, length);
    return new GpuBuffer(this.gpu, this.memory, this.dtype, this.offset + offset, length);
  }
}

export function gpuBuffer(buffer: DeviceBuffer): GpuBuffer {
  return buffer as GpuBuffer;
}

export function gpuBufferOrNull(buffer: DeviceBuffer | null): GpuBuffer | null {
  return buffer as GpuBuffer | null;
}
