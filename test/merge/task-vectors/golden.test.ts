import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rounder } from "../../../src/merge/core/kernels/rounding.js";
import type { MergeDType } from "../../../src/merge/core/merge-dtype.js";
import { MersenneTwister } from "../../../src/merge/core/mersenne-twister.js";
import { taskVectorReference } from "../../../src/merge/core/kernels/task-vector-reference.js";
import { mergeInMemory, methodOf, type Given, type MemoryMerge } from "./memory-tensor.js";

type Nested = number | readonly Nested[];
interface MethodCase {
  readonly id: string;
  readonly method: string;
  readonly dtype: "float32" | "float16" | "bfloat16";
  readonly tensors: Readonly<Record<string, Nested>>;
  readonly parameters: Given;
  readonly tensor_parameters: Readonly<Record<string, Given>>;
  readonly abs_tol: number;
  readonly expected?: Nested;
  readonly expected_dtype?: string;
}
interface SparsifyCase {
  readonly fn: "magnitude" | "magnitude_outliers" | "bernoulli" | "della_magprune";
  readonly tensor: Nested;
  readonly density: number;
  readonly gamma?: number;
  readonly epsilon?: number;
  readonly rescale_norm?: "l1" | null;
  readonly torch_seed?: number;
  readonly expected?: Nested;
}
interface Golden {
  readonly methods: readonly MethodCase[];
  readonly primitives: readonly Record<string, unknown>[];
  readonly sparsify: { readonly cases: readonly SparsifyCase[] };
  readonly torch_cpu_bernoulli: { readonly seed: number; readonly p: number; readonly mask24: readonly number[] };
}

const golden = JSON.parse(
  readFileSync(new URL("../../golden/merge/task-vectors.json", import.meta.url), "utf8"),
) as Golden;
const dtypes: Record<MethodCase["dtype"], MergeDType> = { float32: "f32", float16: "f16", bfloat16: "bf16" };

function flat(nested: Nested): number[] {
  return typeof nested === "number" ? [nested] : nested.flatMap(flat);
}

function shapeOf(nested: Nested): number[] {
  return typeof nested === "number" ? [] : [nested.length, ...shapeOf(nested[0] ?? 0)].filter((size) => size !== 0);
}

function memoryMerge({ method, dtype, tensors, parameters, tensor_parameters: values }: MethodCase): MemoryMerge {
  const decoded = (nested: Nested) => Float32Array.from(flat(nested), rounder(dtypes[dtype]));
  const inputs = Object.entries(tensors).filter(([name]) => name !== "base");
  return {
    method,
    shape: shapeOf(tensors.base),
    dtype: dtypes[dtype],
    base: decoded(tensors.base),
    inputs: inputs.map(([label, nested]) => ({ label, values: values[label] ?? {}, tensor: decoded(nested) })),
    parameters,
    isCompatible: true,
  };
}

function expectClose(actual: Float32Array, expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(actual[i] - value)).toBeLessThanOrEqual(tolerance);
}

// Inputs of another shape never reach a method: the plan leaves them out or crops them.
const sameShapes = golden.methods.filter(
  ({ tensors: { base, ...others } }) =>
    !Object.values(others).some((other) => shapeOf(other).join() !== shapeOf(base).join()),
);

test("all but three cases have one shape", () => {
  expect(sameShapes.length).toBe(golden.methods.length - 3);
});

test.each(sameShapes)("$id", (given) => {
  const run = () => mergeInMemory(memoryMerge(given));
  if (given.expected === undefined) {
    expect(run).toThrow(/layer\.weight[^]*density[^]*\d elements/);
    return;
  }
  expectClose(run(), flat(given.expected), given.abs_tol);
  expect(methodOf(given.method).resultDType?.(dtypes[given.dtype]) ?? dtypes[given.dtype]).toBe(
    dtypes[given.expected_dtype as MethodCase["dtype"]],
  );
});

/** The method whose result is the sparse change itself, where the base is 0 and there is one input. */
const methodOfFunction: Record<SparsifyCase["fn"], string> = {
  magnitude: "ties",
  magnitude_outliers: "breadcrumbs",
  bernoulli: "dare_linear",
  della_magprune: "della_linear",
};

test.each(golden.sparsify.cases)("$fn of density $density, rescale $rescale_norm", (given) => {
  const { density, gamma = 0, epsilon = 0, rescale_norm: norm } = given;
  const tensor = Float32Array.from(flat(given.tensor));
  const run = () =>
    mergeInMemory({
      method: methodOfFunction[given.fn],
      shape: shapeOf(given.tensor),
      dtype: "f32",
      base: new Float32Array(tensor.length),
      inputs: [{ label: "A", values: { weight: 1, density, gamma, epsilon }, tensor }],
      parameters: { rescale: norm === "l1", normalize: false },
      seed: given.torch_seed,
      isCompatible: true,
    });
  if (given.expected === undefined) expect(run).toThrow(/layer\.weight[^]*density/);
  else expectClose(run(), flat(given.expected), 1e-6);
});

test("the Bernoulli mask of PyTorch", () => {
  const { seed, p, mask24 } = golden.torch_cpu_bernoulli;
  const words = new MersenneTwister(seed).next(mask24.length);
  const values = new Float32Array(mask24.length).fill(1);
  taskVectorReference.keepAtRandom(values, words, Math.ceil(p * 2 ** 24));
  expect([...values]).toEqual(mask24);
});

test("sign masks", () => {
  const masks = golden.primitives.filter(({ kind, method }) => kind === "get_mask" && method === "sum");
  expect(masks.length).toBeGreaterThan(1);
  for (const { delta, expected } of masks as { delta: number[][]; expected: boolean[][] }[]) {
    const kept = delta[0].map((_, i) => delta.reduce((sum, row, part) => sum + (expected[part][i] ? row[i] : 0), 0));
    const options = { vote: "weighted", division: "none", divisor: 0, lambda: 1 } as const;
    const changes = Float32Array.from(delta.flat());
    const base = new Float32Array(delta[0].length);
    const weights = delta.map(() => 1);
    expect([...taskVectorReference.mixChanges(base, changes, { ...options, weights }, "f32")]).toEqual(kept);
  }
});
