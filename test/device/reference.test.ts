import { expect, it } from "vitest";
import type { DeviceBuffer, Kernels } from "../../src/device/kernels.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import type { FloatArray } from "../../src/tensor/dtype.js";
import { fillNormal, randomKey } from "../../src/tensor/random.js";

/** With f64 and a fourth-order difference quotient, rounding and truncation errors are both below 1e-9. */
const limit = 1e-7;
const h = 1e-3;
const device = createReferenceDevice("f64");
const { kernels } = device;

type Buffers = Readonly<Record<string, DeviceBuffer>>;

/** A kernel and its backward. The loss is Σ out · dOut, so that the gradient of `out` is `dOut`. */
interface Case {
  readonly name: string;
  /** Lengths of the inputs; the gradient buffer of input `x` is `dx`. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly out: number;
  /** Other buffers. */
  readonly others?: () => Buffers;
  readonly forward: (k: Kernels, b: Buffers) => void;
  /** Computes the gradients; a gradient buffer that the contract adds to starts at 1. */
  readonly backward: (k: Kernels, b: Buffers) => void;
  readonly added?: readonly string[];
}

function normal(name: string, length: number): DeviceBuffer {
  const values = new Float32Array(length);
  fillNormal(values, randomKey(11, name), 1);
  const buffer = device.allocate("f32", length);
  device.write(buffer, values);
  return buffer;
}

function integers(...values: number[]): DeviceBuffer {
  const buffer = device.allocate("i32", values.length);
  device.write(buffer, Int32Array.from(values));
  return buffer;
}

const read = async (buffer: DeviceBuffer) => (await device.read(buffer)) as FloatArray;

/** Σ out · dOut after a forward. */
async function lossOf({ forward }: Case, b: Buffers): Promise<number> {
  forward(kernels, b);
  const dOut = await read(b.dOut);
  return Array.from(await read(b.out)).reduce((sum, value, i) => sum + value * dOut[i], 0);
}

async function derivative(c: Case, b: Buffers, input: string, i: number): Promise<number> {
  const original = (await read(b[input]))[i];
  const at = async (offset: number) => {
    device.write(b[input].slice(i, 1), Float64Array.of(original + offset));
    return lossOf(c, b);
  };
  const slope = (8 * ((await at(h)) - (await at(-h))) - ((await at(2 * h)) - (await at(-2 * h)))) / (12 * h);
  device.write(b[input].slice(i, 1), Float64Array.of(original));
  return slope;
}

/** Largest difference between a gradient and the derivative, relative to the root mean square of the gradient. */
async function largestError(c: Case): Promise<number> {
  const b: Record<string, DeviceBuffer> = {
    ...c.others?.(),
    out: device.allocate("f32", c.out),
    dOut: normal("dOut", c.out),
  };
  for (const [input, length] of Object.entries(c.inputs)) {
    b[input] = normal(input, length);
    b[`d${input}`] = device.allocate("f32", length);
    kernels.fill({ buffer: b[`d${input}`], value: 1 });
  }
  c.forward(kernels, b);
  c.backward(kernels, b);
  let worst = 0;
  for (const [input, length] of Object.entries(c.inputs)) {
    const start = c.added?.includes(input) ? 1 : 0;
    const gradient = Array.from(await read(b[`d${input}`]), (value) => value - start);
    const size = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0) / length);
    for (let i = 0; i < length; i++)
      worst = Math.max(worst, Math.abs((await derivative(c, b, input, i)) - gradient[i]) / size);
  }
  return worst;
}

const [N, D, F, V] = [5, 6, 7, 9];
const shape = { B: 2, queries: 4, keys: 4, H: 4, K: 2, E: 3 };
const rows = shape.B * shape.queries;
const attentionInputs = { q: rows * 12, k: rows * 6, v: rows * 6 };

const cases: readonly Case[] = [
  {
    name: "embed",
    inputs: { table: V * D },
    out: N * D,
    added: ["table"],
    others: () => ({ ids: integers(3, 0, 3, 8, 1) }),
    forward: (k, b) => k.embed({ out: b.out, table: b.table, ids: b.ids, N, D }),
    backward: (k, b) => k.embedBackward({ dTable: b.dtable, dOut: b.dOut, ids: b.ids, N, D }),
  },
  {
    name: "rmsNorm",
    inputs: { x: N * D, weight: D },
    out: N * D,
    added: ["weight"],
    others: () => ({ rstd: device.allocate("f32", N) }),
    forward: (k, b) => k.rmsNorm({ out: b.out, rstd: b.rstd, x: b.x, weight: b.weight, epsilon: 1e-2, N, D }),
    backward: (k, b) =>
      k.rmsNormBackward({
        dx: b.dx,
        dWeight: b.dweight,
        dy: b.dOut,
        x: b.x,
        weight: b.weight,
        rstd: b.rstd,
        residual: null,
        N,
        D,
      }),
  },
  {
    name: "rmsNorm with a residual connection",
    inputs: { x: N * D, weight: D },
    out: N * D,
    added: ["weight"],
    others: () => ({ rstd: device.allocate("f32", N) }),
    // out = norm(x) + x: the identity, as a product with the unit matrix, adds dOut to dx.
    forward: (k, b) => {
      const normed = device.allocate("f32", N * D);
      k.rmsNorm({ out: normed, rstd: b.rstd, x: b.x, weight: b.weight, epsilon: 1e-2, N, D });
      k.matmul({ out: b.out, x: b.x, w: unit(), residual: normed, N, I: D, O: D });
    },
    backward: (k, b) =>
      k.rmsNormBackward({
        dx: b.dx,
        dWeight: b.dweight,
        dy: b.dOut,
        x: b.x,
        weight: b.weight,
        rstd: b.rstd,
        residual: b.dOut,
        N,
        D,
      }),
  },
  {
    name: "matmul",
    inputs: { x: N * D, w: F * D },
    out: N * F,
    added: ["w"],
    forward: (k, b) => k.matmul({ out: b.out, x: b.x, w: b.w, residual: null, N, I: D, O: F }),
    backward: (k, b) => {
      k.matmulInputGradient({ dx: b.dx, dy: b.dOut, w: b.w, accumulate: false, N, I: D, O: F });
      k.matmulWeightGradient({ dw: b.dw, dy: b.dOut, x: b.x, N, I: D, O: F });
    },
  },
  {
    name: "matmul with a residual, input gradient accumulated",
    inputs: { x: N * D, w: F * D },
    out: N * F,
    added: ["x", "w"],
    others: () => ({ residual: normal("residual", N * F) }),
    forward: (k, b) => k.matmul({ out: b.out, x: b.x, w: b.w, residual: b.residual, N, I: D, O: F }),
    backward: (k, b) => {
      k.matmulInputGradient({ dx: b.dx, dy: b.dOut, w: b.w, accumulate: true, N, I: D, O: F });
      k.matmulWeightGradient({ dw: b.dw, dy: b.dOut, x: b.x, N, I: D, O: F });
    },
  },
  {
    name: "rope",
    inputs: { x: 3 * 2 * 4 },
    out: 24,
    others: () => ({ positions: integers(0, 2, 1), ...angles() }),
    forward: (k, b) => {
      k.copy({ out: b.out, x: b.x });
      k.rope({
        out: b.out,
        x: b.out,
        positions: b.positions,
        cosine: b.cosine,
        sine: b.sine,
        inverse: false,
        N: 3,
        heads: 2,
        E: 4,
      });
    },
    backward: (k, b) => {
      k.copy({ out: b.dx, x: b.dOut });
      k.rope({
        out: b.dx,
        x: b.dx,
        positions: b.positions,
        cosine: b.cosine,
        sine: b.sine,
        inverse: true,
        N: 3,
        heads: 2,
        E: 4,
      });
    },
  },
  {
    // The second sequence starts a new document at position 2.
    name: "attention with grouped heads and a document boundary",
    inputs: attentionInputs,
    out: rows * 12,
    others: () => ({
      first: integers(0, 0, 0, 0, 0, 0, 2, 2),
      end: integers(1, 2, 3, 4, 1, 2, 3, 4),
      logSumExp: device.allocate("f32", rows * shape.H),
    }),
    forward: (k, b) =>
      k.attention({
        out: b.out,
        logSumExp: b.logSumExp,
        q: b.q,
        k: b.k,
        v: b.v,
        visible: { first: b.first, end: b.end },
        shape,
      }),
    backward: (k, b) =>
      k.attentionBackward({
        dq: b.dq,
        dk: b.dk,
        dv: b.dv,
        dOut: b.dOut,
        out: b.out,
        logSumExp: b.logSumExp,
        q: b.q,
        k: b.k,
        v: b.v,
        visible: { first: b.first, end: b.end },
        shape,
      }),
  },
  {
    name: "swiglu",
    inputs: { gate: 8, up: 8 },
    out: 8,
    forward: (k, b) => k.swiglu({ out: b.out, gate: b.gate, up: b.up, length: 8 }),
    backward: (k, b) =>
      k.swigluBackward({ dGate: b.dgate, dUp: b.dup, gated: null, dOut: b.dOut, gate: b.gate, up: b.up, length: 8 }),
  },
];

function unit(): DeviceBuffer {
  const matrix = device.allocate("f32", D * D);
  for (let d = 0; d < D; d++) device.write(matrix.slice(d * D + d, 1), Float64Array.of(1));
  return matrix;
}

/** Cosines and sines of three positions of two pairs. */
function angles(): Buffers {
  const [cosine, sine] = [device.allocate("f32", 6), device.allocate("f32", 6)];
  const angle = [0, 0, 1, 0.1, 2, 0.2];
  device.write(cosine, Float64Array.from(angle, Math.cos));
  device.write(sine, Float64Array.from(angle, Math.sin));
  return { cosine, sine };
}

for (const c of cases) {
  it(`the gradient of ${c.name} is its derivative`, async () => {
    expect(await largestError(c)).toBeLessThan(limit);
  });
}

it("the gradient of headLoss is scale times its derivative, and an ignored row has none", async () => {
  const scale = 0.25;
  const targets = integers(3, -1, 0, 8, 3);
  const [losses, best] = [device.allocate("f32", N), device.allocate("i32", N)];
  const c: Case = {
    name: "headLoss",
    inputs: { x: N * D, w: V * D },
    out: N,
    added: ["w"],
    // The loss is scale times the plain sum.
    forward: (k, b) => {
      k.headLoss({ losses, best, dx: null, dw: null, x: b.x, w: b.w, targets, scale: 1, N, D, V });
      k.copy({ out: b.out, x: losses });
      k.fill({ buffer: b.dOut, value: scale });
    },
    backward: (k, b) => k.headLoss({ losses, best: null, dx: b.dx, dw: b.dw, x: b.x, w: b.w, targets, scale, N, D, V }),
  };
  expect(await largestError(c)).toBeLessThan(limit);
  expect((await read(losses))[1]).toBe(0);
});

it("headLoss returns the lowest of equally likely ids, also for ignored targets", async () => {
  const [losses, best] = [device.allocate("f32", 2), device.allocate("i32", 2)];
  const [x, w] = [device.allocate("f32", 4), device.allocate("f32", 6)];
  device.write(x, Float64Array.of(1, 0, 0, 1));
  device.write(w, Float64Array.of(0, 2, 3, 2, 3, 1));
  kernels.headLoss({ losses, best, dx: null, dw: null, x, w, targets: integers(0, -1), scale: 0, N: 2, D: 2, V: 3 });
  expect([...(await device.read(best))]).toEqual([1, 0]);
});

it("AdamW's first step moves each weight by the learning rate against its gradient, after the decay", async () => {
  const [weight, gradient, m, v] = [
    normal("w", 4),
    normal("g", 4),
    device.allocate("f32", 4),
    device.allocate("f32", 4),
  ];
  const before = await read(weight);
  const signs = Array.from(await read(gradient), Math.sign);
  const step = { learningRate: 0.1, beta1: 0.9, beta2: 0.95, epsilon: 0, weightDecay: 0.5, step: 1, gradientScale: 2 };
  kernels.adamW({ weight, gradient, m, v, ...step });
  const after = await read(weight);
  signs.forEach((sign, i) => expect(after[i]).toBeCloseTo(before[i] * 0.95 - 0.1 * sign, 12));
});

it("numbers written to bf16 and f16 are rounded to the nearest", async () => {
  for (const [dtype, value, expected] of [
    ["bf16", 1 + 3 / 512, 1 + 1 / 128],
    ["f16", 1 + 3 / 4096, 1 + 1 / 1024],
  ] as const) {
    const buffer = device.allocate(dtype, 1);
    device.write(buffer, Float64Array.of(value));
    expect((await device.read(buffer))[0]).toBe(expected);
  }
});
