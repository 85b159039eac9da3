import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadAddon } from "../../../src/device/cpu/native-addon.js";
import { nativeMergeKernels } from "../../../src/merge/core/kernels/native-kernels.js";
import { roundTo } from "../../../src/merge/core/kernels/rounding.js";
import type { MergeMethod } from "../../../src/merge/core/method.js";
import { methodTable } from "../../../src/merge/methods/table.js";
import { bitsOf, dtypes, values } from "../core/kernel-vectors.js";
import { mergeArrays, placesApart, type Arrays } from "./merge-arrays.js";

const averages = ["linear", "slerp", "nuslerp", "multislerp", "karcher", "model_stock", "nearswap", "arcee_fusion"];
const methods = methodTable.filter(({ name }) => averages.includes(name));
const methodOf = (name: string) => methodTable.find((method) => method.name === name)!;

/** Numbers that a method requires. */
const required: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  slerp: { t: 0.3 },
  nearswap: { t: 0.01 },
};

/** Inputs of the number that a method takes, with a base where it needs one. */
function inputsOf(method: MergeMethod, tensors: readonly Float32Array[], weights: readonly number[]): Arrays {
  const { base, maximum } = method.inputs;
  const count = Math.min(tensors.length, base === "required" ? maximum + 1 : maximum);
  const used = tensors.slice(0, count);
  return {
    models: Object.fromEntries(used.map((tensor, k) => [`m${k}`, tensor])),
    base: base === "required" || base === "member" ? "m0" : undefined,
    values: required[method.name] ?? {},
    inputValues: Object.fromEntries(used.map((_, k) => [`m${k}`, { weight: weights[k % weights.length] }])),
  };
}

const smooth = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * (seed + 1.3) + seed));
const tensors = [0, 1, 2].map((seed) => smooth(60, seed));
const weights = [0.3, 0.7, 0.45];

describe.each(methods.map((method) => ({ name: method.name, method })))("$name", ({ method }) => {
  test("of copies is the copy, bit for bit", () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 70 }).chain((length) => values(length, method.name !== "nearswap")),
      fc.constantFrom(...dtypes),
      fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }),
      (data, dtype, weights) => {
        const rounded = data.map((value) => roundTo(dtype, value));
        const merged = mergeArrays(method, { ...inputsOf(method, [rounded, rounded, rounded], weights), dtype });
        expect(bitsOf(merged.values)).toEqual(bitsOf(rounded));
      },
    );
    fc.assert(property, { numRuns: 20 });
  });

  test("does not depend on the threads or on how a file is read", () => {
    const { addon } = loadAddon();
    const arrays = { ...inputsOf(method, tensors, weights), dtype: "bf16" as const, shape: [6, 10] };
    const expected = mergeArrays(method, arrays).values;
    if (addon === null) return;
    for (const threads of [1, 2, 3]) {
      const kernels = nativeMergeKernels({ threads }).kernels;
      expect(bitsOf(mergeArrays(method, { ...arrays, kernels }).values)).toEqual(bitsOf(expected));
    }
  });
});

test.each(["linear", "nuslerp", "multislerp"])(
  "%s with the weights 1 and 0 is the first model, bit for bit",
  (name) => {
    for (const dtype of dtypes) {
      const [first, second] = tensors.map((tensor) => tensor.map((value) => roundTo(dtype, value)));
      second[3] = NaN;
      const arrays = { dtype, models: { a: first, b: second }, inputValues: { a: { weight: 1 }, b: { weight: 0 } } };
      expect(bitsOf(mergeArrays(methodOf(name), arrays).values)).toEqual(bitsOf(first));
    }
  },
);

test("slerp at 0 is the base, at 1 the other model, bit for bit", () => {
  const models = { a: tensors[0], b: tensors[1] };
  for (const t of [0, 1]) {
    const { values } = mergeArrays(methodOf("slerp"), { models, base: "b", values: { t } });
    expect(bitsOf(values)).toEqual(bitsOf(t === 0 ? tensors[1] : tensors[0]));
  }
});

test.each(["linear", "multislerp", "karcher", "model_stock"])("%s does not depend on the order of models", (name) => {
  const method = methodOf(name);
  const arrays = inputsOf(method, [smooth(60, 7), ...tensors], weights);
  const reversed = { ...arrays, models: Object.fromEntries(Object.entries(arrays.models).reverse()) };
  for (const dtype of dtypes) {
    const [a, b] = [arrays, reversed].map((order) => mergeArrays(method, { ...order, dtype }).values);
    if (dtype === "f32") a.forEach((value, i) => expect(value).toBeCloseTo(b[i], 5));
    else if (name === "linear") a.forEach((value, i) => expect(placesApart(value, b[i], dtype)).toBeLessThanOrEqual(1));
  }
});

test.each(["linear", "slerp", "nuslerp", "multislerp", "karcher", "model_stock"])(
  "%s of scaled models is scaled",
  (name) => {
    const method = methodOf(name);
    const arrays = inputsOf(method, tensors, weights);
    const scaled = (factor: number) =>
      Object.fromEntries(
        Object.entries(arrays.models).map(([label, data]) => [label, Float32Array.from(data, (x) => x * factor)]),
      );
    const once = mergeArrays(method, arrays).values;
    const eightfold = mergeArrays(method, { ...arrays, models: scaled(8) }).values;
    eightfold.forEach((value, i) => expect(value / 8).toBeCloseTo(once[i], 6));
  },
);
