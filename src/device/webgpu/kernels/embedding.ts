import type { Kernels } from "../../kernels.js";
import type { Dispatcher } from "../dispatcher.js";
import type { Program } from "../program.js";
import { gpuBuffer, type GpuBuffer } from "../gpu-buffer.js";
import { rowRanges, rowsOf } from "../rows.js";
import type { Scratch } from "../scratch.js";
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

/** links[n] ← whether row n is the first with its id, and the next row with it, or N. */
const linkRows: Program<"ids" | "links", "N" | "first"> = {
  name: "linkRows",
  buffers: { ids: "read", links: "write" },
  scalars: { N: "u32", first: "u32" },
  workgroup: threads,
  source: () => ({
    body: `
  let n = numbers.first + block * ${threads}u + lane;
  if (n >= numbers.N) { return; }
  let id = integer_ids(n);
  var before = 0u;
  while (before < n && integer_ids(before) != id) { before++; }
  var next = n + 1u;
  while (next < numbers.N && integer_ids(next) != id) { next++; }
  put_links(2u * n, u32(before == n));
  put_links(2u * n + 1u, next);`,
  }),
};

// dTable[ids[n]] += dOut[n] in ascending n: the first row with an id adds all of them, so that none writes what another
// does.
const embedBackward: Program<"dOut" | "ids" | "links" | "dTable", "N" | "D" | "low" | "high" | "columnBlocks"> = {
  name: "embedBackward",
  buffers: { dOut: "read", ids: "read", links: "read", dTable: "write" },
  scalars: { N: "u32", D: "u32", low: "u32", high: "u32", columnBlocks: "u32" },
  workgroup: threads,
  source: () => ({
    body: `
  var n = block / numbers.columnBlocks;
  let d = (block % numbers.columnBlocks) * ${threads}u + lane;
  if (n >= numbers.N || d >= numbers.D || bits_links(2u * n) == 0u) { return; }
  let id = u32(integer_ids(n));
  if (id < numbers.low || id >= numbers.high) { return; }
  let at = (id - numbers.low) * numbers.D + d;
  var sum = load_dTable(at);
  while (n < numbers.N) {
    sum += load_dOut(n * numbers.D + d);
    n = bits_links(2u * n + 1u);
  }
  store_dTable(at, sum);`,
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

export function embedding(gpu: Dispatcher, scratch: Scratch): Pick<Kernels, "embed" | "embedBackward" | "rope"> {
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
      const columnBlocks = Math.ceil(D / threads);
      for (const [first, count] of rowRanges(gpu, N, [[dy, D]], D * workPerElement)) {
        const rows = rowsOf(id, first, count, 1);
        const links = scratch.floats("rows with the same id", 2 * count);
        for (const [begin, linked] of rowRanges(gpu, count, [], 2 * count, threads))
          gpu.run(linkRows, {
            buffers: { ids: rows, links },
            scalars: { N: count, first: begin },
            workgroups: Math.ceil(linked / threads),
            work: 2 * linked * count,
          });
        for (const { low, high, part } of tableRanges(gpu, gpuBuffer(dTable), D))
          gpu.run(embedBackward, {
            buffers: { dOut: rowsOf(dy, first, count, D), ids: rows, links, dTable: part },
            scalars: { N: count, D, low, high, columnBlocks },
            workgroups: count * columnBlocks,
            work: count * D * workPerElement,
          });
      }
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
