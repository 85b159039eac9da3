import type { Kernels } from "../../kernels.js";
import type { Dispatcher } from "../dispatcher.js";
import type { Program } from "../program.js";
import { elementProgram, runElements } from "../element-program.js";
import { gpuBuffer } from "../gpu-buffer.js";
import { reduction } from "../reduction.js";
import type { Scratch } from "../scratch.js";

type OptimizerKernels = Pick<Kernels, "squaredNorm" | "adamW" | "momentumStep" | "normalize">;

// d = g · gradientScale, m ← β1 m + (1 − β1) d, v ← β2 v + (1 − β2) d²,
// w ← w · (1 − η · weightDecay) − η · (m / (1 − β1ᵗ)) / (√(v / (1 − β2ᵗ)) + ε), g ← 0.
// The change is subtracted at once: 1 − η · weightDecay would be rounded to a few digits of η · weightDecay.
const adamW = elementProgram(
  {
    name: "adamW",
    element: () => `
let d = load_gradient(i) * numbers.gradientScale;
let w = load_weight(i);
to_m = numbers.beta1 * load_m(i) + numbers.rest1 * d;
to_v = numbers.beta2 * load_v(i) + numbers.rest2 * d * d;
let change = to_m * numbers.correction1 / (sqrt(to_v * numbers.correction2) + numbers.epsilon);
to_weight = w - (numbers.decay * w + numbers.learningRate * change);
to_gradient = 0.0;`,
  },
  { weight: "write", gradient: "write", m: "write", v: "write" },
  {
    gradientScale: "f32",
    beta1: "f32",
    rest1: "f32",
    beta2: "f32",
    rest2: "f32",
    correction1: "f32",
    correction2: "f32",
    epsilon: "f32",
    decay: "f32",
    learningRate: "f32",
  },
);

// d = g · gradientScale, m ← μ m + (1 − μ) d, g ← μ m + (1 − μ) d (nesterov) or m.
const momentumStep = elementProgram(
  {
    name: "momentumStep",
    element: () => `
let d = load_gradient(i) * numbers.gradientScale;
to_m = numbers.momentum * load_m(i) + numbers.rest * d;
to_gradient = numbers.ahead * to_m + numbers.now * d;`,
  },
  { gradient: "write", m: "write" },
  { gradientScale: "f32", momentum: "f32", rest: "f32", ahead: "f32", now: "f32" },
);

const normalize = elementProgram(
  {
    name: "normalize",
    element: () => "to_out = load_x(i) / max(sqrt(load_squares(numbers.index)), numbers.epsilon);",
  },
  { x: "read", squares: "read", out: "write" },
  { index: "u32", epsilon: "f32" },
);

const threads = 256;
/** Elements of x that one workgroup sums. */
const block = 4096;

/** partial[block] = Σ x² over a block of elements. */
const squareSums: Program<"x" | "partial", "length" | "first"> = {
  name: "squareSums",
  buffers: { x: "read", partial: "write" },
  scalars: { length: "u32", first: "u32" },
  workgroup: threads,
  source: () => ({
    declarations: reduction("sum", threads, "a + b"),
    body: `
  if (block * ${block}u >= numbers.length) { return; }
  let end = min(numbers.length, (block + 1u) * ${block}u);
  var sum = 0.0;
  for (var i = block * ${block}u + lane; i < end; i += ${threads}u) { let x = load_x(i); sum += x * x; }
  let total = reduce_sum(sum, lane);
  if (lane == 0u) { store_partial(numbers.first + block, total); }`,
  }),
};

/** out[index] = Σ partial. */
const sumPartials: Program<"partial" | "out", "count" | "index"> = {
  name: "sumPartials",
  buffers: { partial: "read", out: "write" },
  scalars: { count: "u32", index: "u32" },
  workgroup: threads,
  source: () => ({
    declarations: reduction("sum", threads, "a + b"),
    body: `
  var sum = 0.0;
  for (var i = lane; i < numbers.count; i += ${threads}u) { sum += load_partial(i); }
  let total = reduce_sum(sum, lane);
  if (lane == 0u) { store_out(numbers.index, total); }`,
  }),
};

export function optimizer(gpu: Dispatcher, scratch: Scratch): OptimizerKernels {
  return {
    squaredNorm({ out, index, x }) {
      const values = gpuBuffer(x);
      const count = Math.ceil(values.length / block);
      const partial = scratch.floats("partial sums", count);
      const step = Math.max(1, Math.floor(gpu.maxWindow / 4 / block)) * block;
      for (let at = 0; at < values.length; at += step) {
        const length = Math.min(step, values.length - at);
        gpu.run(squareSums, {
          buffers: { x: values.slice(at, length), partial },
          scalars: { length, first: at / block },
          workgroups: Math.ceil(length / block),
          work: 20 * length,
        });
      }
      gpu.run(sumPartials, {
        buffers: { partial, out: gpuBuffer(out) },
        scalars: { count, index },
        workgroups: 1,
        work: 1e6,
      });
    },
    adamW({ weight, gradient, m, v, learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale }) {
      const buffers = {
        weight: gpuBuffer(weight),
        gradient: gpuBuffer(gradient),
        m: gpuBuffer(m),
        v: gpuBuffer(v),
      };
      runElements(gpu, adamW, buffers, weight.length, {
        gradientScale,
        beta1,
        rest1: 1 - beta1,
        beta2,
        rest2: 1 - beta2,
        correction1: 1 / (1 - beta1 ** step),
        correction2: 1 / (1 - beta2 ** step),
        epsilon,
        decay: learningRate * weightDecay,
        learningRate,
      });
    },
    momentumStep({ gradient, m, momentum, nesterov, gradientScale }) {
      const rest = 1 - momentum;
      const [ahead, now] = nesterov ? [momentum, rest] : [1, 0];
      const buffers = { gradient: gpuBuffer(gradient), m: gpuBuffer(m) };
      runElements(gpu, momentumStep, buffers, m.length, { gradientScale, momentum, rest, ahead, now });
    },
    normalize({ out, x, squares, index, epsilon }) {
      const buffers = { x: gpuBuffer(x), squares: gpuBuffer(squares), out: gpuBuffer(out) };
      runElements(gpu, normalize, buffers, x.length, { index, epsilon }, ["squares"]);
    },
  };
}
