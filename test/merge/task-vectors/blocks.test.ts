import { describe, expect, test } from "vitest";
import { loadAddon } from "../../../src/device/cpu/native-addon.js";
import { nativeMergeKernels } from "../../../src/merge/core/kernels/native-kernels.js";
import { referenceMergeKernels } from "../../../src/merge/core/kernels/reference-kernels.js";
import { roundTo } from "../../../src/merge/core/kernels/rounding.js";
import { MersenneTwister } from "../../../src/merge/core/mersenne-twister.js";
import { mergeInMemory, type MemoryMerge } from "./memory-tensor.js";

/** More than a block, in rows that do not divide it evenly. */
const shape = [301, 900];
const length = 301 * 900;
const words = new MersenneTwister(77).next(3 * length);
/** Few distinct magnitudes, so that there are many equal ones at every cut. */
const tensors = [0, 1, 2].map((input) =>
  Float32Array.from({ length }, (_, i) => (((words[input * length + i] >>> 9) % 2001) - 1000) / 512),
);

function large(method: string, density: number, more: Partial<MemoryMerge> = {}): MemoryMerge {
  const dtype = more.dtype ?? "f32";
  const decoded = tensors.map((tensor) => tensor.map((value) => roundTo(dtype, value)));
  return {
    method,
    shape,
    dtype,
    base: decoded[0],
    inputs: decoded.slice(1).map((tensor, i) => ({
      label: `m${i}`,
      values: { weight: 1 - 0.4 * i, density, gamma: 0.05, epsilon: 0.1 },
      tensor,
    })),
    parameters: { rescale: true, select_topk: 0.4 },
    seed: 42,
    ...more,
  };
}

/** One input with weight 1 on a base of 0: the result is what is kept of it. */
function keptOf(method: string, density: number): Float32Array {
  const { inputs, ...run } = large(method, density, { parameters: { rescale: false, normalize: false } });
  const values = { ...inputs[0].values, weight: 1 };
  return mergeInMemory({
    ...run,
    base: new Float32Array(length),
    inputs: [{ label: "m", values, tensor: tensors[1] }],
  });
}

/** Positions in ascending order of magnitude, equal ones in order of index. */
const ascending = Array.from({ length }, (_, i) => i).sort(
  (a, b) => Math.abs(tensors[1][a]) - Math.abs(tensors[1][b]) || a - b,
);

function only(positions: readonly number[]): Float32Array {
  const kept = new Float32Array(length);
  for (const at of positions) kept[at] = tensors[1][at];
  return kept;
}

function expectSame(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  expect(actual.findIndex((value, i) => !Object.is(value, expected[i]))).toBe(-1);
}

test("ties keeps the largest, of equal ones the first, in a tensor of several blocks", () => {
  const descending = ascending.toSorted((a, b) => Math.abs(tensors[1][b]) - Math.abs(tensors[1][a]) || a - b);
  expectSame(keptOf("ties", 0.3), only(descending.slice(0, Math.trunc(0.3 * length))));
});

test("breadcrumbs keeps those below the outliers, of equal ones the first, in a tensor of several blocks", () => {
  const [kept, top] = [Math.trunc(0.3 * length), Math.trunc(0.05 * length)];
  const rest = ascending.slice(0, length - top);
  const descending = rest.sort((a, b) => Math.abs(tensors[1][b]) - Math.abs(tensors[1][a]) || a - b);
  expectSame(keptOf("breadcrumbs", 0.3), only(descending.slice(0, kept)));
});

test("dare draws one number per element in a tensor of several blocks", () => {
  const draws = new MersenneTwister(42).next(length);
  const kept = only([...draws.keys()].filter((i) => (draws[i] & 0xffffff) / 2 ** 24 < Math.fround(0.3)));
  expectSame(keptOf("dare_linear", 0.3), kept);
});

const loaded = loadAddon();
const methods =
  "task_arithmetic ties dare_linear dare_ties della della_linear breadcrumbs breadcrumbs_ties sce ram ramplus_tl".split(
    " ",
  );

describe.skipIf(loaded.addon === null)("in C++", () => {
  test.each(methods)("%s gives the same bytes on 1 and 3 threads, and those of TypeScript", (method) => {
    const dtype = (["bf16", "f16", "f32"] as const)[methods.indexOf(method) % 3];
    const expected = mergeInMemory(large(method, 0.4, { dtype, kernels: referenceMergeKernels }));
    for (const threads of [1, 3]) {
      const kernels = nativeMergeKernels({ threads }).kernels;
      const random = new MersenneTwister(42, kernels.fillWords);
      expectSame(mergeInMemory(large(method, 0.4, { dtype, kernels, random })), expected);
    }
  });
});
