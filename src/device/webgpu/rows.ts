import { bytesPerElement } from "../../tensor/dtype.js";
import type { Dispatcher } from "./dispatcher.js";
import type { GpuBuffer } from "./gpu-buffer.js";

/** A buffer with its elements per row. */
export type RowsOf = readonly [buffer: GpuBuffer | null, width: number];

/**
 * Ranges of rows that fit into bindings and into one dispatch.
 *
 * @param work      of a row
 * @param multiple  of rows in each range but the last
 */
export function* rowRanges(
  gpu: Dispatcher,
  rows: number,
  buffers: readonly RowsOf[],
  work: number,
  multiple = 1,
): Iterable<readonly [first: number, count: number]> {
  const fits = buffers.map(([buffer, width]) =>
    buffer?.gpu.isLarge ? gpu.maxWindow / (width * bytesPerElement(buffer.dtype)) : Infinity,
  );
  const most = Math.min(gpu.maxWork / work, ...fits);
  const step = Math.max(1, Math.floor(most / multiple)) * multiple;
  for (let first = 0; first < rows; first += step) yield [first, Math.min(step, rows - first)];
}

/** The rows of a buffer; the buffer itself if these are all. */
export function rowsOf(buffer: GpuBuffer, first: number, count: number, width: number): GpuBuffer {
  if (first === 0 && buffer.length === count * width) return buffer;
  return buffer.slice(first * width, count * width);
}
