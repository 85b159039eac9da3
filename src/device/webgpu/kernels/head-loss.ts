import { headChunkRows } from "../../head-chunk.js";
import type { HeadLossArguments, Kernels } from "../../kernels.js";
import type { Dispatcher } from "../dispatcher.js";
import type { Program } from "../program.js";
import { gpuBuffer, gpuBufferOrNull, type GpuBuffer } from "../gpu-buffer.js";
import { reduction } from "../reduction.js";
import { rowsOf } from "../rows.js";
import type { Scratch } from "../scratch.js";
import { multiply } from "./product.js";
import { layouts } from "./product/product-program.js";

const threads = 256;

/**
 * One workgroup a row: loss and best, and with dx the logits become scale · (softmax − onehot(target)); an ignored row
 * has loss and gradient 0.
 */
const crossEntropy: Program<"logits" | "targets" | "losses" | "best", "rows" | "V" | "scale"> = {
  name: "crossEntropy",
  buffers: { logits: "write", targets: "read", losses: "write", best: "write" },
  scalars: { rows: "u32", V: "u32", scale: "f32" },
  workgroup: threads,
  source: (bindings, variant) => ({
    declarations: `
struct Largest { value: f32, id: u32 }
${reduction("largest", threads, largestOf("a", "b"), "Largest")}
${reduction("sum", threads, "a + b")}`,
    body: `
  if (block >= numbers.rows) { return; }
  let row = block * numbers.V;
  let target_id = integer_targets(block);
  var own = Largest(-3.4028234e38, 0xffffffffu);
  for (var v = lane; v < numbers.V; v += ${threads}u) {
    let next = Largest(load_logits(row + v), v);
    own = ${largestOf("own", "next")};
  }
  let largest = reduce_largest(own, lane);
  var sum = 0.0;
  for (var v = lane; v < numbers.V; v += ${threads}u) { sum += exp(load_logits(row + v) - largest.value); }
  let total = reduce_sum(sum, lane);
  let logSumExp = largest.value + log(total);
  if (lane == 0u) {
    var loss = 0.0;
    if (target_id >= 0) { loss = logSumExp - load_logits(row + u32(target_id)); }
    store_losses(block, loss);
    ${bindings.some(({ name }) => name === "best") ? "put_best(block, largest.id);" : ""}
  }
  ${variant === "gradient" ? gradient : ""}`,
  }),
};

const gradient = `
  storageBarrier();
  workgroupBarrier();
  for (var v = lane; v < numbers.V; v += ${threads}u) {
    var g = 0.0;
    if (target_id >= 0) {
      g = numbers.scale * (exp(load_logits(row + v) - logSumExp) - select(0.0, 1.0, v == u32(target_id)));
    }
    store_logits(row + v, g);
  }`;

/** The one with the larger value; of ties, that with the lower id. NaN is never the larger; it makes the sum NaN. */
function largestOf(a: string, b: string): string {
  const isBigger = `${b}.value > ${a}.value || (${b}.value == ${a}.value && ${b}.id < ${a}.id)`;
  return `Largest(select(${a}.value, ${b}.value, ${isBigger}), select(${a}.id, ${b}.id, ${isBigger}))`;
}

/** Rows of a chunk: those that a function of V allows, if their logits fit into a binding. */
function chunkRows(gpu: Dispatcher, V: number): number {
  return Math.max(1, Math.min(headChunkRows(V), Math.floor(gpu.maxWindow / (4 * V))));
}

export function head(gpu: Dispatcher, scratch: Scratch): Pick<Kernels, "headLoss"> {
  return {
    // logits = x · wᵀ; dx = dLogits · w and dw += dLogitsᵀ · x.
    headLoss(named) {
      const rows = chunkRows(gpu, named.V);
      const logits = scratch.floats("logits", Math.min(rows, named.N) * named.V);
      for (let first = 0; first < named.N; first += rows)
        headChunk(gpu, scratch, named, logits, first, Math.min(rows, named.N - first));
    },
  };
}

function headChunk(
  gpu: Dispatcher,
  scratch: Scratch,
  { losses, best, dx, dw, x, w, targets, scale, D, V }: HeadLossArguments,
  all: GpuBuffer,
  first: number,
  count: number,
): void {
  const [weight, input] = [gpuBuffer(w), rowsOf(gpuBuffer(x), first, count, D)];
  const logits = rowsOf(all, 0, count, V);
  multiply(gpu, scratch, { out: logits, a: input, b: weight, layout: layouts.byRows, M: count, N: V, K: D });
  const bests = gpuBufferOrNull(best);
  if (bests) bests.gpu.values = null;
  gpu.run(crossEntropy, {
    buffers: {
      logits,
      targets: rowsOf(gpuBuffer(targets), first, count, 1),
      losses: rowsOf(gpuBuffer(losses), first, count, 1),
      best: bests && rowsOf(bests, first, count, 1),
    },
    scalars: { rows: count, V, scale },
    variant: dx ? "gradient" : "",
    workgroups: count,
    work: 100 * count * V,
  });
  if (dx) {
    const to = rowsOf(gpuBuffer(dx), first, count, D);
    multiply(gpu, scratch, { out: to, a: logits, b: weight, layout: layouts.mixed, M: count, N: D, K: V });
  }
  if (dw) {
    const [to, layout] = [gpuBuffer(dw), layouts.byColumns];
    multiply(gpu, scratch, { out: to, a: logits, b: input, accumulate: true, layout, M: V, N: D, K: count });
  }
}
