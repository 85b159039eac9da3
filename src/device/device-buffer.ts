import type { DType } from "../tensor/dtype.js";

/** What a device gave out in one piece; slices of a buffer share it. */
export interface DeviceMemory {
  /** The device that gave it out: a token, compared only. */
  readonly owner: object;
  /** Where the values are: in memory, in a file that is only read, or in a scratch file. */
  readonly home: "memory" | "file" | "scratch";
  /** Elements of the whole. */
  readonly length: number;
  /** Set by `free`; a freed buffer cannot be used any more. */
  isFreed: boolean;
}

/**
 * Memory of a device. `slice` shares it. Activations are f32, or bf16 where "operand" is said; frozen weights may be
 * f32, bf16 or f16.
 */
export interface DeviceBuffer {
  readonly dtype: DType;
  /** Elements. */
  readonly length: number;
  readonly memory: DeviceMemory;
  slice(offset: number, length: number): DeviceBuffer;
}
