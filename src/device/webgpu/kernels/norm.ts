import type { Kernels } from "../../kernels.js";
import type { Dispatcher } from "../dispatcher.js";
import type { Program } from "../program.js";
import { gpuBuffer, gpuBufferOrNull, type GpuBuffer } from "../gpu-buffer.js";
import { reduction } from "../reduction.js";
import { rowRanges, rowsOf } from "../rows.js";
import type { Scratch } from "../scratch.js";
import type { BindingShape } from "../shader.js";
import { addColumnSums } from "./column-sums.js";

const threads = 128;
const workPerElement = 40;

// y = x · r · weight with r = 1/√(mean(x²) + epsilon) per row; one workgroup a row.
const rmsNorm: Program<"x" | "weight" | "rstd" | "out", "N" | "D" | "epsilon"> = {
  name: "rmsNorm",
  buffers: { x: "read", weight: "read", rstd: "write", out: "write" },
  scalars: { N: "u32", D: "u32", epsilon: "f32" },
  workgroup: threads,
  source: (bindings) => {
    const isPaired = bindings.some(({ name, paired }) => name === "out" && paired);
    const value = (d: string) => `load_x(row + ${d}) * r * load_weight(${d})`;
    return {
      declarations: reduction("sum", threads, "a + b"),
      body: `
  if (block >= numbers.N) { return; }
  let row = block * numbers.D;
  var sum = 0.0;
  for (var d = lane; d < numbers.D; d += ${threads}u) { let x = load_x(row + d); sum += x * x; }
  let mean = reduce_sum(sum, lane) / f32(numbers.D);
  let r = 1.0 / sqrt(mean + numbers.epsilon);
  if (lane == 0u) { store_rstd(block, r); }
  ${
    isPaired
      ? `for (var d = 2u * lane; d < numbers.D; d += ${2 * threads}u) {
    store2_out(row + d, vec2<f32>(${value("d")}, ${value("d + 1u")}));
  }`
      : `for (var d = lane; d < numbers.D; d += ${threads}u) { store_out(row + d, ${value("d")}); }`
  }`,
    };
  },
};

// With g = dy · weight and n = x · r: dx = residual + r · (g − n · mean(g · n)).
const rmsNormBackward: Program<"dy" | "x" | "weight" | "rstd" | "residual" | "dx", "N" | "D"> = {
  name: "rmsNormBackward",
  buffers: { dy: "read", x: "read", weight: "read", rstd: "read", residual: "read", dx: "write" },
  scalars: { N: "u32", D: "u32" },
  workgroup: threads,
  source: (bindings) => ({
    declarations: reduction("sum", threads, "a + b"),
    body: `
  if (block >= numbers.N) { return; }
  let row = block * numbers.D;
  let r = load_rstd(block);
  var sum = 0.0;
  for (var d = lane; d < numbers.D; d += ${threads}u) {
    sum += load_dy(row + d) * load_weight(d) * load_x(row + d) * r;
  }
  let mean = reduce_sum(sum, lane) / f32(numbers.D);
  for (var d = lane; d < numbers.D; d += ${threads}u) {
    let change = r * (load_dy(row + d) * load_weight(d) - load_x(row + d) * r * mean);
    store_dx(row + d, ${hasResidual(bindings) ? "load_residual(row + d) + change" : "change"});
  }`,
  }),
};

const hasResidual = (bindings: readonly BindingShape[]) => bindings.some(({ name }) => name === "residual");

export function norm(gpu: Dispatcher, scratch: Scratch): Pick<Kernels, "rmsNorm" | "rmsNormBackward"> {
  return {
    rmsNorm({ out, rstd, x, weight, epsilon, N, D }) {
      const [to, r, from, w] = [out, rstd, x, weight].map(gpuBuffer);
      const widths = [
        [to, D],
        [from, D],
      ] as const;
      for (const [first, count] of rowRanges(gpu, N, widths, D * workPerElement)) {
        const buffers = {
          x: rowsOf(from, first, count, D),
          weight: w,
          rstd: rowsOf(r, first, count, 1),
          out: rowsOf(to, first, count, D),
        };
        const work = count * D * workPerElement;
        gpu.run(rmsNorm, { buffers, scalars: { N: count, D, epsilon }, pairs: D % 2 === 0, workgroups: count, work });
      }
    },
    rmsNormBackward({ dx, dWeight, dy, x, weight, rstd, residual, N, D }) {
      const [to, dOut, from, w, r] = [dx, dy, x, weight, rstd].map(gpuBuffer);
      const rest = gpuBufferOrNull(residual);
      // Before dx, which may be dy.
      if (dWeight) addColumnSums(gpu, scratch, { out: gpuBuffer(dWeight), dy: dOut, x: from, rstd: r, N, O: D });
      const widths = [
        [to, D],
        [dOut, D],
        [from, D],
        [rest, D],
      ] as const;
      for (const [first, count] of rowRanges(gpu, N, widths, D * workPerElement)) {
        const rows = (buffer: GpuBuffer) => rowsOf(buffer, first, count, D);
        const buffers = {
          dy: rows(dOut),
          x: rows(from),
          weight: w,
          rstd: rowsOf(r, first, count, 1),
          residual: rest && rows(rest),
          dx: rows(to),
        };
        const work = count * D * workPerElement;
        gpu.run(rmsNormBackward, { buffers, scalars: { N: count, D }, workgroups: count, work });
      }
    },
  };
}
