import type { Kernels } from "../../kernels.js";
import type { Dispatcher } from "../dispatcher.js";
import type { Program } from "../program.js";
import { gpuBuffer } from "../gpu-buffer.js";
import { reduction } from "../reduction.js";
import type { Scratch } from "../scratch.js";

const threads = 256;

type Numbers = "rows" | "columns" | "blockRows" | "blocks" | "smallStride" | "a" | "b" | "c" | "epsilon";

/**
 * One workgroup a block: X ← X / ‖X‖, then X ← a X + P X with P = b G + c G² and G = X Xᵀ; for a block with more rows
 * than columns of its transpose. X is in out and in `next` in turn; `small` has G and P.
 */
const program: Program<"x" | "out" | "next" | "small", Numbers> = {
  name: "orthogonalize",
  buffers: { x: "read", out: "write", next: "write", small: "write" },
  scalars: {
    rows: "u32",
    columns: "u32",
    blockRows: "u32",
    blocks: "u32",
    smallStride: "u32",
    a: "f32",
    b: "f32",
    c: "f32",
    epsilon: "f32",
  },
  workgroup: threads,
  source: (_, iterations) => ({
    declarations: reduction("sum", threads, "a + b"),
    body: `
  if (block >= numbers.blocks) { return; }
  let first = block * numbers.blockRows;
  let count = min(numbers.blockRows, numbers.rows - first);
  let begin = first * numbers.columns;
  let elements = count * numbers.columns;
  let isTall = count > numbers.columns;
  let size = select(count, numbers.columns, isTall);
  let length = select(numbers.columns, count, isTall);
  // Element (i, j) of X is at begin + i · down + j · right.
  let down = select(numbers.columns, 1u, isTall);
  let right = select(1u, numbers.columns, isTall);
  let gram = block * numbers.smallStride;
  let polynomial = gram + size * size;
  var sum = 0.0;
  for (var i = lane; i < elements; i += ${threads}u) { let x = load_x(begin + i); sum += x * x; }
  let norm = max(sqrt(reduce_sum(sum, lane)), numbers.epsilon);
  for (var i = lane; i < elements; i += ${threads}u) { store_out(begin + i, load_x(begin + i) / norm); }
${Array.from({ length: Number(iterations) }, (_unused, step) => iteration(step)).join("\n")}
  ${
    Number(iterations) % 2 === 1
      ? `storageBarrier();
  for (var i = lane; i < elements; i += ${threads}u) { store_out(begin + i, load_next(begin + i)); }`
      : ""
  }`,
  }),
};

/** X is in out before the first. */
function iteration(step: number): string {
  const [from, to] = step % 2 === 0 ? ["out", "next"] : ["next", "out"];
  return `
  storageBarrier();
  for (var p = lane; p < size * size; p += ${threads}u) {
    let i = begin + (p / size) * down;
    let j = begin + (p % size) * down;
    var dot = 0.0;
    for (var k = 0u; k < length; k++) { dot = fma(load_${from}(i + k * right), load_${from}(j + k * right), dot); }
    store_small(gram + p, dot);
  }
  storageBarrier();
  for (var p = lane; p < size * size; p += ${threads}u) {
    let i = gram + (p / size) * size;
    let j = gram + (p % size) * size;
    var dot = 0.0;
    for (var k = 0u; k < size; k++) { dot = fma(load_small(i + k), load_small(j + k), dot); }
    store_small(polynomial + p, numbers.b * load_small(gram + p) + numbers.c * dot);
  }
  storageBarrier();
  for (var p = lane; p < size * length; p += ${threads}u) {
    // Neighboring invocations have neighboring elements.
    let i = select(p / length, p % size, isTall);
    let j = select(p % length, p / size, isTall);
    var dot = 0.0;
    for (var k = 0u; k < size; k++) {
      dot = fma(load_small(polynomial + i * size + k), load_${from}(begin + k * down + j * right), dot);
    }
    let at = begin + i * down + j * right;
    store_${to}(at, numbers.a * load_${from}(at) + dot);
  }`;
}

export function orthogonalize(gpu: Dispatcher, scratch: Scratch): Pick<Kernels, "orthogonalize"> {
  return {
    orthogonalize({ out, x, blockRows, a, b, c, iterations, epsilon, rows, columns }) {
      const blocks = Math.ceil(rows / blockRows);
      const size = Math.min(blockRows, columns);
      const whole = { out: gpuBuffer(out), x: gpuBuffer(x) };
      const next = scratch.floats("next iterate", rows * columns);
      const small = scratch.floats("gram matrices", 2 * blocks * size * size);
      gpu.run(program, {
        buffers: { ...whole, next, small },
        scalars: { rows, columns, blockRows, blocks, smallStride: 2 * size * size, a, b, c, epsilon },
        variant: String(iterations),
        workgroups: blocks,
        work: blocks * iterations * (4 * size * size * blockRows * 4 + 4 * size * rows * columns),
      });
    },
  };
}
