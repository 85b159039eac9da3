import { bytesPerElement } from "../../tensor/dtype.js";
import type { GpuBuffer } from "./gpu-buffer.js";

/** Bindings start at a multiple of this; a multiple of the alignment that any adapter demands. */
export const alignment = 256;

/** Where a slice is in the binding that holds it. */
export interface BindingPlace {
  /** Bytes from the start of the allocation to that of the binding. */
  readonly start: number;
  readonly bytes: number;
  /** Elements from the start of the binding to that of the slice. */
  readonly at: number;
}

/** Binds the whole allocation, so that one bind group serves all its slices; of a large one, only the slice. */
export function placeOf({ gpu, dtype, offset, length }: GpuBuffer, maxBinding: number): BindingPlace {
  if (gpu.bytes <= maxBinding) return { start: 0, bytes: gpu.bytes, at: offset };
  const size = bytesPerElement(dtype);
  const start = Math.floor((offset * size) / alignment) * alignment;
  const end = Math.min(gpu.bytes, Math.ceil(((offset + length) * size) / 16) * 16);
  if (end - start > maxBinding) throw new Error(`a slice of ${end - start} bytes exceeds the binding limit`);
  return { start, bytes: end - start, at: offset - start / size };
}

/** Numbers the distinct bindings: names with the same one share it, since WGSL forbids two views of written memory. */
export function storagesOf(given: readonly GpuBuffer[], places: readonly BindingPlace[]): number[] {
  const storages: number[] = [];
  let count = 0;
  for (const [at, { gpu }] of given.entries()) {
    const same = given.findIndex(
      (other, before) => before < at && other.gpu === gpu && places[before].start === places[at].start,
    );
    storages.push(same >= 0 ? storages[same] : count++);
  }
  return storages;
}
