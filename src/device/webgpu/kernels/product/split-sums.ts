import type { Dispatcher } from "../../dispatcher.js";
import { elementProgram, runElements } from "../../element-program.js";
import type { GpuBuffer } from "../../gpu-buffer.js";
import { termsOfBlock } from "./product-program.js";

/** Workgroups that give every part of a GPU work. */
export const leastWorkgroups = 128;

/**
 * Terms that a workgroup sums: fewer than K where there are too few tiles, as in a gradient of small weights over many
 * rows. Depends on sizes only, because sums in another order are other sums.
 */
export function termsOfSplit({ shaders }: Dispatcher, tiles: number, K: number): number {
  const splits = Math.min(Math.ceil(leastWorkgroups / tiles), Math.floor(K / termsOfBlock));
  if (!shaders.hardwareShaders || splits < 2) return K;
  return Math.ceil(K / splits / termsOfBlock) * termsOfBlock;
}

const sumSplits = elementProgram(
  {
    name: "sumSplits",
    element: (has) => `
let at = numbers.start + i;
var sum = load_sums(at);
for (var split = 1u; split < numbers.splits; split++) { sum += load_sums(split * numbers.size + at); }
to_out = ${has("before") ? "load_before(i) + " : ""}sum;`,
  },
  { sums: "read", before: "read", out: "write" },
  { splits: "u32", size: "u32" },
);

/**
 * out [size] = before + Σ over splits of sums [splits,size], in ascending order.
 *
 * @param before  null for 0
 */
export function addSplits(
  gpu: Dispatcher,
  buffers: Readonly<Record<"sums" | "out", GpuBuffer> & Record<"before", GpuBuffer | null>>,
  size: number,
): void {
  const splits = buffers.sums.length / size;
  runElements(gpu, sumSplits, buffers, size, { splits, size }, ["sums"]);
}
