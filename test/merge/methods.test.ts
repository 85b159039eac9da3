import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { StrataError } from "../../src/errors/strata-error.js";
import { openMergeKernels } from "../../src/merge/core/kernels/open-kernels.js";
import { linear, slerp, ties } from "./merged-by.js";

const { kernels } = openMergeKernels(1);

type Nested = number | Nested[];

interface MethodCase {
  id: string;
  method: "linear" | "slerp" | "ties";
  base_model: string | null;
  dtype: string;
  tensors: Record<string, Nested>;
  parameters: { t?: number; normalize?: boolean; lambda?: number; rescale?: boolean };
  tensor_parameters: Record<string, { weight?: number | null; density?: number }>;
  abs_tol: number;
  expected?: Nested;
}

interface Primitive {
  id: string;
  tensor: number[];
  mask: number[];
  norm: string | null;
  delta: number[][];
  method: string;
  expected: number[] & boolean[][];
}

const golden = JSON.parse(readFileSync(new URL("../golden/merge-methods.json", import.meta.url), "utf8")) as {
  methods: MethodCase[];
  primitives: Primitive[];
};

const flat = (value: Nested): Float32Array => Float32Array.from([value].flat(8) as number[]);
const shapeOf = (value: Nested): string => (Array.isArray(value) ? `${value.length},${shapeOf(value[0])}` : "");

/** Cases that Strata means to answer otherwise, or that ask for a thing it has not. */
const excluded: Record<string, string> = {
  "slerp-embed-submatrix": "vocabularies of two sizes are an error, not cropped to the smaller one",
  "slerp-three-models-error": "the type takes exactly two tensors",
  "slerp-base-missing-error": "the type takes exactly two tensors",
  "linear-base-without-weight-error": "the base is no part of a linear merge",
  "slerp-bf16": "arithmetic is f32 in, f64 inside, whatever the file holds",
  "linear-bf16": "arithmetic is f32 in, f64 inside, whatever the file holds",
  "ties-float16": "arithmetic is f32 in, f64 inside, whatever the file holds",
  "linear-shape-mismatch": "tensors are flat here; mergeModels refuses it, see merge.test.ts",
};

function run(one: MethodCase): Float32Array {
  const names = Object.keys(one.tensors);
  const { t, normalize = true, lambda = 1, rescale = false } = one.parameters;
  const others = names.filter((name) => name !== one.base_model);
  const of = (name: string) => flat(one.tensors[name]);
  if (one.method === "slerp") return slerp(of(one.base_model as string), of(others[0]), t as number);
  const inputs = one.method === "ties" ? others : names;
  const weights = inputs.map((name) => one.tensor_parameters[name].weight as number);
  if (one.method === "linear") return linear(inputs.map(of), weights, normalize);
  const densities = inputs.map((name) => one.tensor_parameters[name].density ?? 1);
  return ties(of(one.base_model as string), inputs.map(of), { weights, densities, normalize, rescale, lambda });
}

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - b[i])),
    a.length === b.length ? 0 : Infinity,
  );

describe("linear, slerp and ties give mergekit's numbers within 1e-6", () => {
  const cases = golden.methods.filter(({ id }) => !(id in excluded));
  test("at least 28 cases are looked at and every exclusion names a case", () => {
    expect(cases.length).toBeGreaterThanOrEqual(28);
    for (const id of Object.keys(excluded))
      expect(
        golden.methods.some((one) => one.id === id),
        id,
      ).toBe(true);
    for (const { id, dtype } of cases) expect(dtype, id).toBe("float32");
  });
  test.each(cases.filter(({ expected }) => expected !== undefined).map((one) => [one.id, one] as const))(
    "%s",
    (_, one) => {
      expect(furthest(run(one), flat(one.expected as Nested))).toBeLessThanOrEqual(1e-6);
      expect(shapeOf(one.expected as Nested)).toBe(shapeOf(Object.values(one.tensors)[0]));
    },
  );
  test.each(cases.filter(({ expected }) => expected === undefined).map((one) => [one.id, one] as const))(
    "%s is refused",
    (_, one) => {
      expect(() => run(one)).toThrow(StrataError);
    },
  );
});

describe("the parts of ties give mergekit's numbers", () => {
  const rescales = golden.primitives.filter(({ norm }) => norm === "l1");
  const votes = golden.primitives.filter(({ method }) => method === "sum");
  test("there are 3 rescales and 2 votes", () => expect([rescales.length, votes.length]).toEqual([3, 2]));
  test.each(rescales.map((one) => [one.id, one] as const))("%s", (_, { tensor, mask, expected }) => {
    const kept = Float32Array.from(tensor, (value, i) => value * mask[i]);
    const [before, after] = [Float32Array.from(tensor), kept].map((values) => kernels.magnitudeSum(values));
    if (before >= 1e-7 && after >= 1e-7) kernels.scale(kept, before / after, "f32");
    expect(furthest(kept, expected)).toBeLessThanOrEqual(1e-6);
  });
  test.each(votes.map((one) => [one.id, one] as const))("%s", (_, { delta, expected }) => {
    const deltas = delta.map((row) => Float32Array.from(row));
    const options = { weights: deltas.map(() => 1), vote: "changes", division: "none", divisor: 0, lambda: 1 } as const;
    const matrix = Float32Array.from(deltas.flatMap((row) => [...row]));
    const elected = kernels.mixChanges(new Float32Array(deltas[0].length), matrix, options, "f32");
    const agrees = deltas.map((row) => Array.from(row, (value, i) => Math.sign(value) === (elected[i] < 0 ? -1 : 1)));
    expect(agrees).toEqual(expected);
  });
});
