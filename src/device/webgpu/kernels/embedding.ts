import type { Kernels } from "../../kernels.js";
import type { Dispatcher } from "../dispatcher.js";
import type { Program } from "../program.js";
import { gpuBuffer, type GpuBuffer } from "../gpu-buffer.js";
import { rowRanges, rowsOf } from "../rows.js";
import { isNarrow } from "../shader.js";

const threads = 64;
const workPerElement = 40;

// out[n] = table[ids[n]], for the ids of one range of rows of the table.
const embed: Program<"table" | "ids" | "out", "N" | "D" | "low" | "high" | "columnBlocks"> = {
  name: "embed",
  buffers: { table: "read", ids: "read", out: "write" },
  scalars: { N: "u32", D: "u32", low: "u32", high: "u32", columnBlocks: "u32" },
  workgroup: threads,
  source: () => ({
    body: `
  let n = block / numbers.columnBlocks;
  let d = (block % numbers.columnBlocks) * ${threads}u + lane;
  if (n >= numbers.N || d >= numbers.D) { return; }
  let id = u32(integer_ids(n));
  if (id >= numbers.low && id < numbers.high) {
    store_out(n * numbers.D + d, load_table((id - numbers.low) * numbers.D + d));
  }`,
  }),
};

// dTable[ids[n]] += dOut[n] in ascending n: one invocation a column, so that none writes what another does.
const embedBackward: Program<"dOut" | "ids" | "dTable", "N" | "D" | "low" | "high"> = {
  name: "embedBackward",
  buffers: { dOut: "read", ids: "read", dTable: "write" },
  scalars: { N: "u32", D: "u32", low: "u32", high: "u32" },
  workgroup: threads,
  source: () => ({
    body: `
  let d = block * ${threads}u + lane;
  if (d >= numbers.D) { return; }
  for (var n = 0u; n < numbers.N; n++) {
    let id = u32(integer_ids(n));
    if (id >= numbers.low && id < numbers.high) {
      let at = (id - numbers.low) * numbers.D + d;
      store_dTable(at, load_dTable(at) + load_dOut(n * numbers.D + d));
    }
  }`,
  }),
};

// (a, b) = (x[j], x[j + E/2]) → (a · cos − b · sin, b · cos + a · sin). Two j an invocation if these are one word.
const rope: Program<"x" | "positions" | "cosine" | "sine" | "out", "N" | "heads" | "half" | "sign" | "perInvocation"> =
  {
    name: "rope",
    buffers: { x: "read", positions: "read", cosine: "read", sine: "read", out: "write" },
    scalars: { N: "u32", heads: "u32", half: "u32", sign: "f32", perInvocation: "u32" },
    workgroup: threads,
    source: (_, perInvocation) => {
      return {
        declarations: `
fn rotate(start: u32, angle: u32) -> vec2<f32> {
  let a = load_x(start);
  let b = load_x(start + numbers.half);
  let c = load_cosine(angle);
  let s = numbers.sign * load_sine(angle);
  return vec2<f32>(a * c - b * s, b * c + a * s);
}`,
        body: `
  let perHead = numbers.half / numbers.perInvocation;
  let index = block * ${threads}u + lane;
  let head = index / perHead;
  let n = head / numbers.heads;
  if (n >= numbers.N) { return; }
  let j = (index % perHead) * numbers.perInvocation;
  let start = head * 2u * numbers.half + j;
  let angle = u32(integer_positions(n)) * numbers.half + j;
  let to = rotate(start, angle);
  ${
    perInvocation === "2"
      ? `let next = rotate(start + 1u, angle + 1u);
  store2_out(start, vec2<f32>(to.x, next.x));
  store2_out(start + numbers.half, vec2<f32>(to.y, next.y));`
      : "store_out(start, to.x); store_out(start + numbers.half, to.y);"
  }`,
      };
    },
  };

/** Ranges of rows of a table that fit into a binding. */
function* tableRanges(
  gpu: Dispatcher,
  table: GpuBuffer,
  D: number,
): Iterable<{ low: number; high: number; part: GpuBuffer }> {
  const rows = Math.floor(table.length / D);
  for (const [low, count] of rowRanges(gpu, rows, [[table, D]], 0))
    yield { low, high: low + count, part: rowsOf(table, low, count, D) };
}

export function embedding(gpu: Dispatcher): Pick<Kernels, "embed" | "embedBackward" | "rope"> {
  return {
    embed({ out, table, ids, N, D }) {
      const [to, id] = [gpuBuffer(out), gpuBuffer(ids)];
      const columnBlocks = Math.ceil(D / threads);
      for (const [first, count] of rowRanges(gpu, N, [[to, D]], D * workPerElement))
        for (const { low, high, part } of tableRanges(gpu, gpuBuffer(table), D))
          gpu.run(embed, {
            buffers: { table: part, ids: rowsOf(id, first, count, 1), out: rowsOf(to, first, count, D) },
            scalars: { N: count, D, low, high, columnBlocks },
            workgroups: count * columnBlocks,
            work: count * D * workPerElement,
          });
    },
    embedBackward({ dTable, dOut, ids, N, D }) {
      const [dy, id] = [gpuBuffer(dOut), gpuBuffer(ids)];
      for (const [first, count] of rowRanges(gpu, N, [[dy, D]], D * workPerElement))
        for (const { low, high, part } of tableRanges(gpu, gpuBuffer(dTable), D))
          gpu.run(embedBackward, {
            buffers: { dOut: rowsOf(dy, first, count, D), ids: rowsOf(id, first, count, 1), dTable: part },
            scalars: { N: count, D, low, high },
            workgroups: Math.ceil(D / threads),
            work: count * D * workPerElement,
          });
    },
    rope({ out, x, positions, cosine, sine, inverse, N, heads, E }) {
      const [to, from, at] = [gpuBuffer(out), gpuBuffer(x), gpuBuffer(positions)];
      const [width, half] = [heads * E, E / 2];
      const pairs = half % 2 === 0;
      for (const [first, count] of rowRanges(
        gpu,
        N,
        [
          [to, width],
          [from, width],
        ],
        width * workPerElement,
      )) {
        const part = rowsOf(to, first, count, width);
        const perInvocation = isNarrow(to.dtype) && pairs && gpu.isPaired(part) ? 2 : 1;
        const buffers = {
          x: rowsOf(from, first, count, width),
          positions: rowsOf(at, first, count, 1),
          cosine: gpuBuffer(cosine),
          sine: gpuBuffer(sine),
          out: part,
        };
        gpu.run(rope, {
          buffers,
          scalars: { N: count, heads, half, sign: inverse ? -1 : 1, perInvocation },
          pairs,
          variant: String(perInvocation),
          workgroups: Math.ceil((count * heads * half) / perInvocation / threads),
          work: count * width * workPerElement,
        });
      }
    },
  };
}
