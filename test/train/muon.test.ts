import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createCpuDevice } from "../../src/device/cpu/cpu-device.js";
import type { Device } from "../../src/device/kernels.js";
import { deviceReport } from "../../src/device/open-device.js";
import { createReferenceDevice } from "../../src/device/reference/reference-device.js";
import { fillNormal, randomKey } from "../../src/tensor/random.js";
import { createMuon, muonScale, type MuonStep } from "../../src/train/muon.js";

interface Case {
  readonly shape: readonly [number, number];
  readonly options: {
    readonly lr: number;
    readonly weight_decay: number;
    readonly momentum: number;
    readonly nesterov: boolean;
    readonly adjust_lr_fn: "original" | "match_rms_adamw";
  };
  readonly weight: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly exact: { readonly weight: readonly number[]; readonly m: readonly number[] };
  readonly bf16: readonly number[];
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, "../golden/muon.json"), "utf8")) as {
  readonly cases: readonly Case[];
};
const cpu = (await deviceReport())[0].available;
const step: MuonStep = {
  learningRate: 0.01,
  momentum: 0.95,
  nesterov: true,
  weightDecay: 0,
  muonScaling: "original",
  muonBlockRows: null,
  gradientScale: 1,
};

/** Weight and momentum after an update with each gradient. */
async function updated(
  device: Device,
  [rows, columns]: readonly [number, number],
  weight: ArrayLike<number>,
  gradients: readonly ArrayLike<number>[],
  options: MuonStep,
): Promise<{ weight: Float32Array; m: Float32Array; gradient: Float32Array }> {
  const muon = createMuon(device, [{ shape: [rows, columns] }]);
  const [w, g, m] = [0, 1, 2].map(() => device.allocate("f32", rows * columns));
  device.write(w, Float32Array.from(weight));
  for (const gradient of gradients) {
    device.write(g, Float32Array.from(gradient));
    muon.update({ rows, columns, weight: w, gradient: g, m }, options);
  }
  muon.close();
  const [after, momentum, gradient] = await Promise.all(
    [w, m, g].map(async (buffer) => (await device.read(buffer)) as Float32Array),
  );
  return { weight: after, m: momentum, gradient };
}

/** Of the change of the weights, relative to the change expected. */
function changeError(actual: ArrayLike<number>, expected: ArrayLike<number>, before: readonly number[]): number {
  const squares = (of: (i: number) => number) => before.reduce((sum, _, i) => sum + of(i) ** 2, 0);
  return Math.sqrt(squares((i) => actual[i] - expected[i]) / squares((i) => expected[i] - before[i]));
}

const devices: readonly (readonly [string, (dtype: "f32" | "bf16") => Device])[] = [
  ["reference", (dtype) => createReferenceDevice("f32", dtype)],
  ...(cpu ? [["cpu", (computeDType: "f32" | "bf16") => createCpuDevice({ threads: 2, computeDType })] as const] : []),
];

describe.each(devices)(`on the device %s${cpu ? "" : " (cpu skipped: not available)"}`, (_name, open) => {
  test.each(golden.cases)("three steps are those of torch.optim.Muon, $shape $options", async (one) => {
    const { lr, weight_decay, momentum, nesterov, adjust_lr_fn } = one.options;
    const options: MuonStep = {
      learningRate: lr,
      momentum,
      nesterov,
      weightDecay: weight_decay,
      muonScaling: adjust_lr_fn === "original" ? "original" : "match-rms-adamw",
      muonBlockRows: null,
      gradientScale: 1,
    };
    const exact = await updated(open("f32"), one.shape, one.weight, one.gradients, options);
    expect(changeError(exact.weight, one.exact.weight, one.weight)).toBeLessThan(2e-5);
    expect(
      changeError(
        exact.m,
        one.exact.m,
        one.weight.map(() => 0),
      ),
    ).toBeLessThan(1e-6);
    // Both round operands to bf16, PyTorch also what it keeps between iterations: 1 to 4 % of a change.
    const rounded = await updated(open("bf16"), one.shape, one.weight, one.gradients, options);
    expect(changeError(rounded.weight, one.bf16, one.weight)).toBeLessThan(0.05);
    expect(changeError(rounded.weight, one.exact.weight, one.weight)).toBeLessThan(0.05);
  });

  test("a gradient of zero leaves weights, and only decays them if there is decay", async () => {
    const weight = normal(6 * 9, "weight");
    const zeros = new Float32Array(6 * 9);
    const left = await updated(open("bf16"), [6, 9], weight, [zeros, zeros], step);
    expect(left.weight).toEqual(weight);
    const decayed = await updated(open("f32"), [6, 9], weight, [zeros], { ...step, weightDecay: 0.5 });
    expect(
      changeError(
        decayed.weight,
        weight.map((x) => x * 0.995),
        [...weight],
      ),
    ).toBeLessThan(1e-4);
  });

  test("blocks of rows are updated as if each were a matrix", async () => {
    const [weight, gradient] = [normal(7 * 9, "weight"), normal(7 * 9, "gradient")];
    const blocked = await updated(open("f32"), [7, 9], weight, [gradient], { ...step, muonBlockRows: 3 });
    for (const [first, end] of [
      [0, 3],
      [3, 6],
      [6, 7],
    ]) {
      const part = (values: Float32Array) => values.subarray(first * 9, end * 9);
      const alone = await updated(open("f32"), [end - first, 9], part(weight), [part(gradient)], step);
      expect(part(blocked.weight)).toEqual(alone.weight);
      expect(part(blocked.m)).toEqual(alone.m);
    }
    const whole = await updated(open("f32"), [7, 9], weight, [gradient], { ...step, muonBlockRows: 7 });
    expect(whole.weight).toEqual((await updated(open("f32"), [7, 9], weight, [gradient], step)).weight);
  });

  test("the gradient is scaled first, and zeroed afterwards", async () => {
    const [weight, gradient] = [normal(5 * 7, "weight"), normal(5 * 7, "gradient")];
    const { m, gradient: after } = await updated(open("f32"), [5, 7], weight, [gradient], {
      ...step,
      gradientScale: 0.5,
    });
    expect(
      changeError(
        m,
        gradient.map((x) => 0.05 * 0.5 * x),
        Array(35).fill(0),
      ),
    ).toBeLessThan(1e-6);
    expect(after).toEqual(new Float32Array(35));
  });

  test.each([
    [24, 24],
    [24, 60],
    [60, 24],
  ])("all singular values of a change are near its scale, %i×%i", async (rows, columns) => {
    const change = (
      await updated(open("f32"), [rows, columns], Array(rows * columns).fill(0), [normal(rows * columns, "g")], step)
    ).weight;
    const size = step.learningRate * muonScale("original", rows, columns);
    const values = singularValues(change, rows, columns).map((value) => value / size);
    expect(Math.max(...values)).toBeLessThan(1.3);
    // A random square matrix has a few singular values that are too small for five iterations.
    expect(values.toSorted((a, b) => a - b)[2]).toBeGreaterThan(0.6);
  });
});

test("the change of match-rms-adamw has a root mean square of 0.2 of the learning rate", async () => {
  for (const [rows, columns] of [
    [16, 48],
    [48, 16],
  ] as const) {
    const options: MuonStep = { ...step, muonScaling: "match-rms-adamw" };
    const zeros = Array(rows * columns).fill(0);
    const { weight } = await updated(
      createReferenceDevice("f32"),
      [rows, columns],
      zeros,
      [normal(16 * 48, "g")],
      options,
    );
    const rms = Math.sqrt(weight.reduce((sum, x) => sum + x * x, 0) / weight.length);
    expect(Math.abs(rms / (0.2 * step.learningRate) - 1)).toBeLessThan(0.15);
  }
});

function normal(length: number, name: string): Float32Array {
  const values = new Float32Array(length);
  fillNormal(values, randomKey(3, name), 1);
  return values;
}

/** Jacobi rotations of pairs of the shorter dimension until they are orthogonal. */
function singularValues(matrix: ArrayLike<number>, rows: number, columns: number): number[] {
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const vectors = Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length }, (_, j) => matrix[rows <= columns ? i * columns + j : j * columns + i]),
  );
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  for (let sweep = 0; sweep < 12; sweep++) {
    for (let p = 0; p < count; p++) {
      for (let q = p + 1; q < count; q++) rotate(vectors[p], vectors[q], dot);
    }
  }
  return vectors.map((vector) => Math.sqrt(dot(vector, vector)));
}

function rotate(a: Float64Array, b: Float64Array, dot: (a: Float64Array, b: Float64Array) => number): void {
  const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
  if (Math.abs(ab) < 1e-15 * Math.sqrt(aa * bb)) return;
  const angle = Math.atan2(2 * ab, aa - bb) / 2;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  for (let i = 0; i < a.length; i++) [a[i], b[i]] = [cosine * a[i] + sine * b[i], cosine * b[i] - sine * a[i]];
}
