import { expect, test } from "vitest";
import { mergeInMemory, type Given, type MemoryMerge } from "./memory-tensor.js";

function single(method: string, values: Given, more: Partial<MemoryMerge> = {}): MemoryMerge {
  const tensor = Float32Array.from({ length: 10 }, (_, i) => i + 1);
  return {
    method,
    dtype: "f32",
    shape: [10],
    base: new Float32Array(10),
    inputs: [{ label: "models/a", values: { weight: 1, ...values }, tensor }],
    parameters: {},
    ...more,
  };
}

test("breadcrumbs with gamma · elements below 1 drops no outlier, and says so", () => {
  const notes: string[] = [];
  expect([...mergeInMemory(single("breadcrumbs", { density: 0.5 }), notes)]).toEqual([0, 0, 0, 0, 0, 6, 7, 8, 9, 10]);
  expect(notes.join()).toMatch(/gamma 0\.01.*--mergekit-compat/);
});

test("breadcrumbs drops the whole change there if it is to be compatible, and says so", () => {
  const notes: string[] = [];
  const run = single("breadcrumbs_ties", { density: 0.5 }, { isCompatible: true });
  expect([...mergeInMemory(run, notes)]).toEqual([...run.base]);
  expect(notes.join()).toMatch(/gamma 0\.01.*whole change is dropped/);
});

test("breadcrumbs of density 1 keeps everything whatever gamma is", () => {
  const notes: string[] = [];
  expect([...mergeInMemory(single("breadcrumbs", { density: 1 }), notes)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(notes).toEqual([]);
});

test.each([0, 0.05])("ties of density %s names the tensor, the density and the number of elements", (density) => {
  expect(() => mergeInMemory(single("ties", { density }))).toThrow(
    new RegExp(
      `layer\\.weight, merged by ties.*at least one element, got density ${density} of 10 elements for models/a`,
    ),
  );
});

test.each([
  ["breadcrumbs", { density: 0.5, gamma: 0.2 }],
  ["dare_linear", { density: 0.5 }],
  ["della_linear", { density: 0.5 }],
])("%s leaves the base where an infinite change is dropped; compatibly there is NaN", (method, values) => {
  const tensor = Float32Array.from({ length: 10 }, (_, i) => (i % 3 === 1 ? Infinity : i + 1));
  const inputs = [{ label: "models/a", values: { weight: 1, ...values }, tensor }];
  const run = single(method, {}, { inputs, parameters: { rescale: false, normalize: false }, seed: 42 });
  const [safe, compatible] = [mergeInMemory(run), mergeInMemory({ ...run, isCompatible: true })];
  const isDropped = (i: number) => tensor[i] === Infinity && safe[i] === 0;
  expect(safe.some((_, i) => isDropped(i))).toBe(true);
  expect([...compatible]).toEqual([...safe].map((value, i) => (isDropped(i) ? NaN : value)));
});

test("sce refuses a NaN that would spread", () => {
  const run = single("sce", {}, { parameters: { select_topk: 0.5 } });
  const broken = { ...run.inputs[0], label: "models/b", tensor: run.inputs[0].tensor.map((x, i) => (i ? 2 * x : NaN)) };
  const inputs = [...run.inputs, broken];
  expect(() => mergeInMemory({ ...run, inputs })).toThrow(
    /layer\.weight, merged by sce.*squares are finite in f32, got NaN, an infinity or a larger change.*models\/b/,
  );
  expect([...mergeInMemory({ ...run, inputs, isCompatible: true })].every(Number.isNaN)).toBe(true);
});

test("dare and breadcrumbs of density 0 give the base", () => {
  for (const method of ["dare_linear", "dare_ties", "della", "breadcrumbs"]) {
    expect([...mergeInMemory(single(method, { density: 0 }))]).toEqual([...new Float32Array(10)]);
  }
});

test("della needs probabilities between 0 and 1", () => {
  for (const [density, epsilon] of [
    [0.9, 0.15],
    [0.1, 0.1],
  ]) {
    expect(() => mergeInMemory(single("della", { density, epsilon }))).toThrow(
      /layer\.weight, merged by della.*got density 0\.\d+ and epsilon 0\.\d+ for models\/a/,
    );
  }
});

test("della keeps rows of one element with the probability of the density; mergekit fails", () => {
  const notes: string[] = [];
  const run = single("della_linear", { density: 0.5 }, { shape: [10, 1], parameters: { rescale: false }, seed: 42 });
  // The mask of PyTorch for seed 42 and 0.5 begins 0 0 1 0 1 0 1 0 0 1.
  expect([...mergeInMemory(run, notes)]).toEqual([0, 0, 3, 0, 5, 0, 7, 0, 0, 10]);
  expect(notes.join()).toMatch(/one element/);
  expect(() => mergeInMemory({ ...run, isCompatible: true })).toThrow(/rows of at least two elements.*\[10, 1\]/);
});

test("rescaling in f16 does not overflow unless it is to be compatible", () => {
  const tensor = new Float32Array(10).fill(20000);
  const run = single("ties", { density: 0.5 }, { dtype: "f16", parameters: { rescale: true } });
  const inputs = [{ ...run.inputs[0], tensor }];
  const notes: string[] = [];
  expect([...mergeInMemory({ ...run, inputs }, notes)]).toEqual([...new Float32Array(10).fill(40000, 0, 5)]);
  expect(notes.join()).toMatch(/float16/);
  expect(mergeInMemory({ ...run, inputs, isCompatible: true })[0]).toBeNaN();
});

test.each(["ram", "ramplus_tl"])("%s: an element of which a change is not finite is NaN, others are not", (method) => {
  const run = single(method, {}, { dtype: "f32", base: new Float32Array(10) });
  const changes = [
    [1, Infinity, 0, NaN, 0, 0, 0, 2, 0, 0],
    [0, 1, -Infinity, 0, 0, NaN, 0, 2, 0, 0],
  ];
  const inputs = changes.map((values, i) => ({ label: `${i}`, values: {}, tensor: Float32Array.from(values) }));
  const merged = [...mergeInMemory({ ...run, inputs })].map((value) => (method === "ram" ? value : Math.round(value)));
  expect(merged).toEqual([1, NaN, NaN, NaN, 0, NaN, 0, 2, 0, 0]);
});

test("a tensor without inputs stays the base", () => {
  const run = single("ties", {});
  for (const method of ["ties", "dare_ties", "sce", "ram", "ramplus_tl"]) {
    const base = Float32Array.from({ length: 10 }, (_, i) => i / 3);
    expect([...mergeInMemory({ ...run, method, base, inputs: [] })]).toEqual([...base]);
  }
});

test("an empty tensor merges to an empty one", () => {
  const run = single("ties", { density: 0.5 });
  for (const method of ["ties", "dare_linear", "della", "breadcrumbs", "sce", "ram"]) {
    const inputs = [{ label: "a", values: { weight: 1, density: 0.5 }, tensor: new Float32Array(0) }];
    const parameters = { select_topk: 0.5 };
    expect(mergeInMemory({ ...run, method, shape: [0], base: new Float32Array(0), inputs, parameters }).length).toBe(0);
  }
});

test.each(["breadcrumbs", "breadcrumbs_ties"])("%s: of equal magnitudes at a cut, the lower index stays", (method) => {
  const change = [1, -1, 1, 2, 2, -2, 3, 3, 3, -1];
  const run = (density: number, gamma: number) => {
    const inputs = [{ label: "A", values: { weight: 1, density, gamma }, tensor: Float32Array.from(change) }];
    return [
      ...mergeInMemory({ method, shape: [10], dtype: "f32", base: new Float32Array(10), inputs, parameters: {} }),
    ];
  };
  expect(run(0.7, 0.1)).toEqual([1, -1, 0, 2, 2, -2, 3, 3, 0, 0]);
  expect(run(0.6, 0.2)).toEqual([1, -1, 0, 2, 2, -2, 3, 0, 0, 0]);
  expect(run(0.2, 0.1)).toEqual([0, 0, 0, 0, 0, 0, 3, 3, 0, 0]);
});
