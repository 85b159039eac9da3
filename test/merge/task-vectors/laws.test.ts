import fc from "fast-check";
import { expect, test } from "vitest";
import { roundTo } from "../../../src/merge/core/kernels/rounding.js";
import type { MergeDType } from "../../../src/merge/core/merge-dtype.js";
import { MersenneTwister } from "../../../src/merge/core/mersenne-twister.js";
import { bitsOf } from "../core/kernel-vectors.js";
import { mergeInMemory, type Given, type MemoryMerge } from "./memory-tensor.js";

const elected = ["ties", "dare_ties", "della", "breadcrumbs_ties"];
const linear = ["task_arithmetic", "dare_linear", "della_linear", "breadcrumbs"];
const family = [...linear, ...elected];
const all = [...family, "sce", "ram", "ramplus_tl"];
const runs = { numRuns: 60, seed: 9 };

const dtype = fc.constantFrom<MergeDType>("f32", "bf16", "f16");
const element = fc.oneof(fc.float({ min: -3, max: 3, noNaN: true }), fc.constantFrom(0, -0, 0.5, -0.5));
const some = fc.record({
  dtype,
  shape: fc.constantFrom([12], [3, 4], [2, 3, 2]),
  base: fc.array(element, { minLength: 12, maxLength: 12 }),
  tensors: fc.array(fc.array(element, { minLength: 12, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
  density: fc.constantFrom(0.3, 0.5, 0.75, 1),
  seed: fc.nat(),
});
type Some = typeof some extends fc.Arbitrary<infer T> ? T : never;

function merge({ dtype, shape, base, tensors, seed, density }: Some, method: string, more: Partial<MemoryMerge> = {}) {
  const decoded = (data: readonly number[]) => Float32Array.from(data, (value) => roundTo(dtype, value));
  const values: Given = { weight: 0.7, density, gamma: 0.1, epsilon: 0.2 };
  return {
    method,
    dtype,
    shape,
    base: decoded(base),
    inputs: tensors.map((data, i) => ({ label: `m${i}`, values, tensor: decoded(data) })),
    parameters: {},
    seed,
    ...more,
  };
}

function expectClose(actual: Float32Array, expected: Float32Array, dtype: MergeDType): void {
  const step = { f32: 2 ** -20, bf16: 2 ** -6, f16: 2 ** -9 }[dtype];
  for (const [i, value] of expected.entries()) {
    expect(Math.abs(actual[i] - value)).toBeLessThanOrEqual(step * Math.max(8, Math.abs(value)));
  }
}

test.each(all)("%s of copies of the base is the base bit for bit", (method) => {
  const property = fc.property(some, (given) => {
    const copies = { ...given, tensors: given.tensors.map(() => given.base) };
    const run = merge(copies, method, { parameters: { normalize: true, lambda: 0.3 } });
    expect(bitsOf(mergeInMemory(run))).toEqual(bitsOf(run.base));
  });
  fc.assert(property, runs);
});

test.each(all)("%s does not depend on the order of the inputs, rounding apart", (method) => {
  const property = fc.property(some, (given) => {
    const drawsNothing = { ...given, density: /^da|^del/.test(method) ? 1 : given.density };
    const run = merge(drawsNothing, method);
    const reversed = { ...run, inputs: run.inputs.toReversed() };
    // A sum of votes near 0 may round to either side.
    const votes = run.base.map((value, i) => run.inputs.reduce((sum, { tensor }) => sum + tensor[i] - value, 0));
    if (votes.some((vote) => vote !== 0 && Math.abs(vote) < 0.1)) return;
    expectClose(mergeInMemory(reversed), mergeInMemory(run), method === "ramplus_tl" ? "bf16" : given.dtype);
  });
  fc.assert(property, runs);
});

test("density 1 drops nothing: methods that differ only in what they drop agree", () => {
  const property = fc.property(some, fc.boolean(), fc.boolean(), (given, normalize, rescale) => {
    const parameters = { normalize, rescale, lambda: 1.2 };
    for (const methods of [linear, elected]) {
      const results = methods.map((method) =>
        bitsOf(mergeInMemory(merge({ ...given, density: 1 }, method, { parameters }))),
      );
      for (const result of results) expect(result).toEqual(results[0]);
    }
  });
  fc.assert(property, runs);
});

test.each([...family, "ram", "ramplus_tl"])("%s of scaled tensors is the scaled result", (method) => {
  const property = fc.property(some, fc.constantFrom(2, 8, 0.5), (given, scale) => {
    const small = { ...given, dtype: "f32" as const };
    const larger = {
      ...small,
      base: given.base.map((value) => Math.fround(value) * scale),
      tensors: given.tensors.map((data) => data.map((value) => Math.fround(value) * scale)),
    };
    const parameters = (factor: number): Given => (method.startsWith("ram") ? { epsilon: 2 ** -17 * factor } : {});
    const expected = mergeInMemory(merge(small, method, { parameters: parameters(1) })).map((value) => value * scale);
    const result = mergeInMemory(merge(larger, method, { parameters: parameters(scale) }));
    expectClose(result, expected, "f32");
  });
  fc.assert(property, runs);
});

test("inputs take their random numbers in order, and only those that drop", () => {
  const given: Some = {
    dtype: "f32",
    shape: [3, 4],
    base: Array.from({ length: 12 }, () => 0),
    tensors: Array.from({ length: 3 }, () => Array.from({ length: 12 }, (_, i) => i + 1)),
    density: 0.5,
    seed: 5,
  };
  for (const method of ["dare_linear", "dare_ties", "della", "della_linear"]) {
    const random = new MersenneTwister(5);
    const run = merge(given, method, { random });
    const inputs = run.inputs.map((input, i) => ({
      ...input,
      values: { ...input.values, density: i === 1 ? 1 : 0.5 },
    }));
    mergeInMemory({ ...run, inputs });
    expect([...random.next(5)]).toEqual([...new MersenneTwister(5).next(29)].slice(24));
  }
});
