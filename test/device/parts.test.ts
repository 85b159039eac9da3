import { expect, test } from "vitest";
import { createCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { normal } from "./case-tensors.js";
import { availableSets, type TestedSet } from "./instruction-sets.js";

/** Products in f32 by tiles of bf16, which add the products of three parts of each operand. */
const byTiles = availableSets.filter(({ name }) => name === "amx");
const byVectors = availableSets.find(({ name }) => name === "avx2" || name === "neon" || name === "portable");
const skipped = byTiles.length > 0 ? "" : " (skipped: no set with tiles, nor its emulation)";

interface Product {
  readonly N: number;
  readonly I: number;
  readonly O: number;
  readonly x: Float32Array;
  readonly w: Float32Array;
}

async function multiply(set: TestedSet, { N, I, O, x, w }: Product): Promise<Float32Array> {
  const device = createCpuDevice({ threads: 1, computeDType: "f32", instructionSet: set });
  const [out, a, b] = [N * O, N * I, O * I].map((length) => device.allocate("f32", length));
  device.write(a, x);
  device.write(b, w);
  device.kernels.matmul({ out, x: a, w: b, residual: null, N, I, O });
  return (await device.read(out)) as Float32Array;
}

/** The largest and the root mean square of errors, each relative to Σ |x · w| of its element. */
function errorsOf(
  found: Float32Array,
  { N, I, O, x, w }: Product,
): { readonly largest: number; readonly mean: number } {
  let [largest, squares] = [0, 0];
  for (let n = 0; n < N; n++)
    for (let o = 0; o < O; o++) {
      let [sum, magnitude] = [0, 0];
      for (let i = 0; i < I; i++) {
        const product = x[n * I + i] * w[o * I + i];
        sum += product;
        magnitude += Math.abs(product);
      }
      const error = Math.abs(found[n * O + o] - sum) / magnitude;
      largest = Math.max(largest, error);
      squares += error ** 2;
    }
  return { largest, mean: Math.sqrt(squares / (N * O)) };
}

/** Exponents from −20 to 20, so that sums are dominated by few products. */
const wide = (values: Float32Array) => values.map((value, i) => value * 2 ** (((i * 7919) % 41) - 20));

test.skipIf(byTiles.length === 0 || byVectors === undefined).each([
  ["numbers near 1", 64, false],
  ["long sums", 2000, false],
  ["numbers of very different size", 300, true],
])(`f32 by tiles is as exact as f32's own sums: %s${skipped}`, async (_, I, isWide) => {
  const [N, O] = [40, 37];
  const [x, w] = [normal("x", N * I), normal("w", O * I)].map(({ data }) => {
    const values = Float32Array.from(data);
    return isWide ? wide(values) : values;
  });
  const product = { N, I, O, x, w };
  const own = errorsOf(await multiply(byVectors as TestedSet, product), product);
  for (const set of byTiles) {
    const { largest, mean } = errorsOf(await multiply(set, product), product);
    expect(mean, set.label).toBeLessThan(own.mean * 1.1);
    expect(largest, set.label).toBeLessThan(2 ** -22);
  }
});

// Infinity times a rest of 0 is NaN.
test.skipIf(byTiles.length === 0)(
  `f32 by tiles carries NaN, also for infinity, and large numbers${skipped}`,
  async () => {
    const [N, I, O] = [40, 3, 33];
    const x = new Float32Array(N * I).fill(1);
    x[0] = Infinity;
    x[I] = NaN;
    x[2 * I] = -3.3e38;
    for (const set of byTiles) {
      const found = await multiply(set, { N, I, O, x, w: new Float32Array(O * I).fill(1) });
      expect(
        [0, 1, 2, 3].map((row) => found[row * O]),
        set.label,
      ).toEqual([NaN, NaN, Math.fround(-3.3e38), 3]);
    }
  },
);
