import { expect, test } from "vitest";
import { methodTable } from "../../../src/merge/methods/table.js";
import { mergeArrays, type Arrays } from "./merge-arrays.js";

const merge = (name: string, arrays: Arrays) =>
  mergeArrays(
    methodTable.find((method) => method.name === name)!,
    arrays,
  );
const compatible = { isCompatible: true };

function weighted(given: Readonly<Record<string, number>>): Arrays["inputValues"] {
  return Object.fromEntries(Object.entries(given).map(([label, weight]) => [label, { weight }]));
}

test("linear refuses weights that sum to 0; compatibly it divides by 0", () => {
  const arrays = { models: { a: [1, 0], b: [3, 0] }, inputValues: weighted({ a: 0.5, b: -0.5 }) };
  expect(() => merge("linear", arrays)).toThrow(/weights whose sum is not 0/);
  expect([...merge("linear", { ...arrays, ...compatible }).values]).toEqual([-Infinity, NaN]);
  expect([...merge("linear", { ...arrays, values: { normalize: 0 } }).values]).toEqual([-1, 0]);
});

test("linear takes nothing from a model of weight 0; compatibly its NaN arrives", () => {
  const arrays = { models: { a: [1, 2], b: [NaN, 2] }, inputValues: weighted({ a: 1, b: 0 }) };
  expect([...merge("linear", arrays).values]).toEqual([1, 2]);
  expect([...merge("linear", { ...arrays, ...compatible }).values]).toEqual([NaN, 2]);
});

test("model_stock on disjoint windows takes the change; compatibly the base is left", () => {
  const arrays = { models: { base: [1, 2], a: [1, 2], b: [2, 4], c: [1, 2] }, base: "base" };
  const merged = merge("model_stock", arrays);
  expect([...merged.values]).toEqual([2, 4]);
  expect(merged.notes).toEqual([expect.stringContaining("model_stock")]);
  const upstream = merge("model_stock", { ...arrays, ...compatible });
  expect([...upstream.values]).toEqual([1, 2]);
  expect(upstream.notes).toEqual([]);
});

test("model_stock by rows counts for each row the models that changed it", () => {
  const models = { base: [0, 0, 0, 0], a: [1, 0, 0, 0], b: [0, 0, 2, 2] };
  const arrays = { shape: [2, 2], models, base: "base", values: { filter_wise: 1 } };
  expect([...merge("model_stock", arrays).values]).toEqual([1, 0, 2, 2]);
  expect([...merge("model_stock", { ...arrays, ...compatible }).values]).toEqual([0, 0, 0, 0]);
});

test("karcher takes the arithmetic mean of opposite models, and says so", () => {
  const arrays = { models: { a: [1, 0], b: [-0.5, 0] } };
  const merged = merge("karcher", arrays);
  expect([...merged.values]).toEqual([0.25, 0]);
  expect(merged.notes).toEqual([expect.stringMatching(/karcher.*the tensor w.*arithmetic mean/)]);
  expect(merge("karcher", { ...arrays, ...compatible }).notes).toEqual([]);
});

test("karcher takes the arithmetic mean of models that are shorter than tol; compatibly they become 0", () => {
  const arrays = { models: { a: [1e-6, 0], b: [3e-6, 0] } };
  expect(merge("karcher", arrays).values[0]).toBeCloseTo(2e-6, 12);
  expect([...merge("karcher", { ...arrays, ...compatible }).values]).toEqual([0, 0]);
});

test("multislerp interpolates opposite models linearly and refuses weights that sum to 0", () => {
  const arrays = { models: { a: [2, 0], b: [-1, 0] }, inputValues: weighted({ a: 1, b: 1 }) };
  const merged = merge("multislerp", arrays);
  expect([...merged.values]).toEqual([0.5, 0]);
  expect(merged.notes).toEqual([expect.stringMatching(/multislerp.*the tensor w/)]);
  expect(() => merge("multislerp", { ...arrays, inputValues: weighted({ a: 1, b: -1 }) })).toThrow(/sum is not 0/);
});

test.each(["slerp", "nuslerp", "multislerp", "karcher", "model_stock"])(
  "%s refuses a NaN that would spread",
  (name) => {
    const models = { base: [1, 2, 3, 4], a: [1, 5, NaN, 4], b: [3, 2, 3, 3] };
    const arrays: Arrays = {
      models: name === "slerp" ? { base: models.base, a: models.a } : models,
      base: name === "slerp" || name === "model_stock" ? "base" : undefined,
      values: { t: 0.5 },
      inputValues: weighted({ base: 1, a: 1, b: 1 }),
    };
    const used = name === "nuslerp" ? { ...arrays, models: { a: models.a, b: models.b } } : arrays;
    expect(() => merge(name, used)).toThrow(
      /the tensor w.*expected finite elements, got NaN or an infinity in the tensor of a/,
    );
    expect([...merge(name, { ...used, ...compatible }).values].some(Number.isNaN)).toBe(true);
  },
);

test("arcee_fusion leaves the base where an infinite change is dropped; compatibly there is NaN", () => {
  const base = [1, 2, 3, 4];
  const arrays = { models: { base, a: [1.5, 2, Infinity, 4] }, base: "base" };
  expect([...merge("arcee_fusion", arrays).values]).toEqual(base);
  expect([...merge("arcee_fusion", { ...arrays, ...compatible }).values]).toEqual([1, 2, NaN, 4]);
});

test("slerp says where it acted as linear", () => {
  const { notes } = merge("slerp", { models: { a: [1, 2], b: [2, 4] }, base: "a", values: { t: 0.25 } });
  expect(notes).toEqual([expect.stringMatching(/slerp acted as linear/)]);
});

test("nuslerp of parallel models in f16 is their interpolation; compatibly it is NaN", () => {
  const arrays = {
    dtype: "f16" as const,
    models: { a: [1, 2], b: [2, 4] },
    inputValues: weighted({ a: 1, b: 1 }),
  };
  expect([...merge("nuslerp", arrays).values]).toEqual([1.5, 3]);
  expect([...merge("nuslerp", { ...arrays, ...compatible }).values]).toEqual([NaN, NaN]);
});

test("arcee_fusion draws the sample of a large tensor as torch.randperm does", () => {
  const length = 1_000_002;
  const data = Float32Array.from({ length }, (_, i) => Math.sin(i));
  const other = data.map((value, i) => value + Math.cos(i * 1.3) * 0.1);
  const counts: number[] = [];
  const draws = (count: number) => {
    counts.push(count);
    return new Uint32Array(count);
  };
  merge("arcee_fusion", { shape: [3, length / 3], models: { a: data, b: other }, base: "a", draws });
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2 * (length - 1));
});

test("linear adds the weights up in float32 and rounds their sum once, as mergekit does", () => {
  const arrays = {
    dtype: "bf16" as const,
    models: { a: [-0.8125], b: [0], c: [0] },
    inputValues: weighted({ a: 1, b: 0.1521, c: 0.6 }),
  };
  // In bf16, 1 + 0.15234375 + 0.6015625 is 1.75; rounded after each addition, it would be 1.7578125.
  expect([...merge("linear", arrays).values]).toEqual([-0.46484375]);
});
