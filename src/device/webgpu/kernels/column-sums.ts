import type { Kernels } from "../../kernels.js";
import type { Dispatcher } from "../dispatcher.js";
import type { Program } from "../program.js";
import { gpuBuffer, type GpuBuffer } from "../gpu-buffer.js";
import { rowRanges, rowsOf } from "../rows.js";
import type { Scratch } from "../scratch.js";

const threads = 64;
/** Rows that one invocation sums. */
const rowsPerBlock = 64;

/** partial[b] = Σ over a block of rows of dy, times x · rstd if they are given; one invocation a column. */
const partialColumnSums: Program<"dy" | "x" | "rstd" | "partial", "N" | "O" | "columnBlocks" | "first"> = {
  name: "partialColumnSums",
  buffers: { dy: "read", x: "read", rstd: "read", partial: "write" },
  scalars: { N: "u32", O: "u32", columnBlocks: "u32", first: "u32" },
  workgroup: threads,
  source: (bindings) => ({
    body: `
  let rows = block / numbers.columnBlocks;
  let o = (block % numbers.columnBlocks) * ${threads}u + lane;
  if (o >= numbers.O || rows * ${rowsPerBlock}u >= numbers.N) { return; }
  let end = min(numbers.N, (rows + 1u) * ${rowsPerBlock}u);
  var sum = 0.0;
  for (var n = rows * ${rowsPerBlock}u; n < end; n++) {
    sum += load_dy(n * numbers.O + o)${
      bindings.some(({ name }) => name === "x") ? " * (load_x(n * numbers.O + o) * load_rstd(n))" : ""
    };
  }
  store_partial((numbers.first + rows) * numbers.O + o, sum);`,
  }),
};

/** out[o] += Σ over blocks of partial. */
const sumColumns: Program<"partial" | "out", "blocks" | "O"> = {
  name: "sumColumns",
  buffers: { partial: "read", out: "write" },
  scalars: { blocks: "u32", O: "u32" },
  workgroup: threads,
  source: () => ({
    body: `
  let o = block * ${threads}u + lane;
  if (o >= numbers.O) { return; }
  var sum = 0.0;
  for (var b = 0u; b < numbers.blocks; b++) { sum += load_partial(b * numbers.O + o); }
  store_out(o, load_out(o) + sum);`,
  }),
};

export interface ColumnSums {
  /** [O], added to */
  readonly out: GpuBuffer;
  /** [N,O] */
  readonly dy: GpuBuffer;
  /** [N,O] */
  readonly x?: GpuBuffer;
  /** [N] */
  readonly rstd?: GpuBuffer;
  readonly N: number;
  readonly O: number;
}

/** out += Σ over rows of dy, or of dy · x · rstd, in blocks of rows. */
export function addColumnSums(gpu: Dispatcher, scratch: Scratch, { out, dy, x, rstd, N, O }: ColumnSums): void {
  const blocks = Math.ceil(N / rowsPerBlock);
  const partial = scratch.floats("partial sums", blocks * O);
  const columnBlocks = Math.ceil(O / threads);
  const widths = [
    [dy, O],
    [x ?? null, O],
  ] as const;
  for (const [first, count] of rowRanges(gpu, N, widths, 20 * O, rowsPerBlock)) {
    const rows = (buffer: GpuBuffer | undefined, width: number) => buffer && rowsOf(buffer, first, count, width);
    gpu.run(partialColumnSums, {
      buffers: { dy: rows(dy, O), x: rows(x, O), rstd: rows(rstd, 1), partial },
      scalars: { N: count, O, columnBlocks, first: first / rowsPerBlock },
      workgroups: columnBlocks * Math.ceil(count / rowsPerBlock),
      work: 20 * count * O,
    });
  }
  gpu.run(sumColumns, {
    buffers: { partial, out },
    scalars: { blocks, O },
    workgroups: columnBlocks,
    work: 20 * blocks * O,
  });
}

export function biasGradient(gpu: Dispatcher, scratch: Scratch): Pick<Kernels, "biasGradient"> {
  return {
    biasGradient({ dBias, dy, N, O }) {
      addColumnSums(gpu, scratch, { out: gpuBuffer(dBias), dy: gpuBuffer(dy), N, O });
    },
  };
}
