import type { GpuBuffer } from "./gpu-buffer.js";
import type { Program } from "./program.js";

/** By what a call is recognized. */
export interface PreparedCall {
  readonly program: Program;
  readonly variant: string;
  readonly wide: readonly string[];
  readonly pairs: boolean;
  readonly names: readonly string[];
  /** In the order of names. */
  readonly slices: readonly (GpuSlice | null)[];
}

interface GpuSlice {
  readonly id: number;
  readonly offset: number;
  readonly length: number;
}

/** Whether a call has the same program, variant and slices. */
export function isCall(
  call: PreparedCall,
  program: Program,
  buffers: Readonly<Partial<Record<string, GpuBuffer | null>>>,
  variant: string,
  wide: readonly string[],
  pairs: boolean,
): boolean {
  if (call.program !== program || call.variant !== variant || call.pairs !== pairs) return false;
  if (call.wide !== wide && call.wide.join() !== wide.join()) return false;
  const { names, slices } = call;
  for (let at = 0; at < names.length; at++) {
    const [slice, buffer] = [slices[at], buffers[names[at]] ?? null];
    if (slice === null || buffer === null) {
      if (slice !== buffer) return false;
    } else if (slice.id !== buffer.gpu.id || slice.offset !== buffer.offset || slice.length !== buffer.length)
      return false;
  }
  return true;
}
