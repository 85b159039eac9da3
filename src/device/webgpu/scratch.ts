import type { GpuBuffer } from "./gpu-buffer.js";

/** Memory that kernels need while they compute, by purpose; calls run in order, so one of each is enough. */
export interface Scratch {
  /** At least `length` f32, of any values. */
  floats(purpose: string, length: number): GpuBuffer;
}

/** Memory that grows to the largest that was asked for. */
export function createScratch(allocate: (length: number) => GpuBuffer, free: (buffer: GpuBuffer) => void): Scratch {
  const buffers = new Map<string, GpuBuffer>();
  return {
    floats(purpose, length) {
      const known = buffers.get(purpose);
      if (known && known.length >= length) return known.length === length ? known : known.slice(0, length);
      if (known) free(known);
      const buffer = allocate(length);
      buffers.set(purpose, buffer);
      return buffer;
    },
  };
}
