import type { DType } from "../tensor/dtype.js";

/** One allocation of a device; all slices of a buffer share it. */
export interface DeviceMemory {
  /** Token of the device that allocated it; only compared. */
  readonly owner: object;
  /** Where the values are: in memory, in a file that is only read, or in a scratch file. */
  readonly home: "memory" | "file" | "scratch";
  /** Elements of the whole allocation. */
  readonly length: number;
  /** Set by `free`; a freed buffer must not be used. */
  isFreed: boolean;
}

/**
 * A typed range of device memory; `slice` shares it. Activations are f32, or bf16 where a comment says "operand".
 * Frozen weights are f32, bf16 or f16.
 */
export interface DeviceBuffer {
  readonly dtype: DType;
  /** Elements. */
  readonly length: number;
  readonly memory: DeviceMemory;
  slice(offset: number, length: number): DeviceBuffer;
}
