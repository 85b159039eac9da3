import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { referenceMergeKernels } from "../../../src/merge/core/kernels/reference-kernels.js";
import type { MergeDType } from "../../../src/merge/core/method.js";
import { methodTable } from "../../../src/merge/methods/table.js";
import { decodeFloats } from "../../../src/tensor/dtype.js";
import { mergeArrays, placesApart, type Arrays } from "./merge-arrays.js";

interface RandomCase {
  readonly method: string;
  readonly dtype: MergeDType;
  readonly shape: readonly number[];
  readonly values: Readonly<Record<string, number>>;
  readonly weights: readonly number[] | null;
  readonly scale?: number | null;
  readonly base: string | null;
  readonly models: readonly string[];
  readonly result: MergeDType;
  readonly expected: string;
}

const { cases } = JSON.parse(
  readFileSync(new URL("../../golden/merge/averages-random.json", import.meta.url), "utf8"),
) as { cases: readonly RandomCase[] };

const floats = (text: string, dtype: MergeDType) => decodeFloats(Buffer.from(text, "base64"), dtype);

function arraysOf({ dtype, shape, values, weights, scale, base, models }: RandomCase): Arrays {
  const all = models.map((text, k) => [`model${k}`, floats(text, dtype)] as const);
  const own = (k: number) => ({ ...(weights ? { weight: weights[k] } : {}), ...(scale ? { scale } : {}) });
  return {
    dtype,
    shape,
    values,
    models: { ...Object.fromEntries(all), ...(base === null ? {} : { base: floats(base, dtype) }) },
    base: base === null ? "model0" : "base",
    inputValues: Object.fromEntries(models.map((_, k) => [`model${k}`, own(k)])),
  };
}

/** slerp and arcee_fusion name a base among the models; other methods without a base have none. */
function withoutBase(method: string, arrays: Arrays): Arrays {
  return ["slerp", "arcee_fusion"].includes(method) || arrays.base === "base" ? arrays : { ...arrays, base: undefined };
}

const bothNaN = (a: number, b: number) => Number.isNaN(a) && Number.isNaN(b);

/** Elements outside the limits, elements one place apart, and all elements. */
function compare(golden: RandomCase, values: Float32Array, isCompatible: boolean): readonly [number, number, number] {
  const expected = floats(golden.expected, golden.result);
  const loose = golden.method === "karcher" || golden.method === "multislerp" ? 5e-6 : 1e-6;
  let [wrong, near] = [0, 0];
  expected.forEach((value, i) => {
    // By default there is a result where upstream divides 0 by 0.
    if (!isCompatible && Number.isNaN(value)) return;
    if (golden.dtype === "f32" || golden.result === "f32") {
      if (!(Math.abs(values[i] - value) <= loose * (1 + Math.abs(value))) && !bothNaN(values[i], value)) wrong++;
      return;
    }
    const places = placesApart(values[i], value, golden.dtype);
    if (places === 1) near++;
    if (places > 1) wrong++;
  });
  return [wrong, near, expected.length];
}

const names = [...new Set(cases.map(({ method }) => method))];

describe.each([true, false])("random tensors merged by mergekit, compatible: %s", (isCompatible) => {
  test.each(names)("%s", (name) => {
    const method = methodTable.find((one) => one.name === name)!;
    const totals = new Map<string, number[]>();
    cases
      .filter((golden) => golden.method === name)
      .forEach((golden, index) => {
        const arrays = { ...withoutBase(name, arraysOf(golden)), isCompatible };
        const { values } = mergeArrays(method, arrays);
        const [wrong, near, all] = compare(golden, values, isCompatible);
        expect(wrong, `case ${index}: ${JSON.stringify({ ...golden, models: 0, base: 0, expected: 0 })}`).toBe(0);
        // By default a mean of one model is that model.
        if (!isCompatible && name === "linear" && golden.models.length === 1) return;
        const total = totals.get(golden.dtype) ?? [0, 0];
        totals.set(golden.dtype, [total[0] + near, total[1] + all]);
        expect(mergeArrays(method, { ...arrays, kernels: referenceMergeKernels }).values).toEqual(values);
      });
    for (const [dtype, [near, all]] of totals) expect(near / all, dtype).toBeLessThanOrEqual(0.01);
  });
});
