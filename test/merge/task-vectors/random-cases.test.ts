import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { MergeDType } from "../../../src/merge/core/merge-dtype.js";
import { decodeFloats, toBf16, toF16 } from "../../../src/tensor/dtype.js";
import { mergeInMemory, methodOf, type Given } from "./memory-tensor.js";

interface Case {
  readonly method: string;
  readonly dtype: MergeDType;
  readonly shape: readonly number[];
  readonly seed: number;
  readonly parameters: Given;
  readonly base: string;
  readonly inputs: readonly { readonly values: Given; readonly tensor: string }[];
  readonly expected: { readonly dtype: MergeDType; readonly tensor: string };
}

const cases = JSON.parse(
  readFileSync(new URL("../../golden/merge/random-task-vectors.json", import.meta.url), "utf8"),
) as readonly Case[];

function decode(text: string, dtype: MergeDType): Float32Array {
  return decodeFloats(new Uint8Array(Buffer.from(text, "base64")), dtype);
}

function merged({ method, dtype, shape, seed, parameters, base, inputs }: Case): Float32Array {
  return mergeInMemory({
    method,
    shape,
    dtype,
    base: decode(base, dtype),
    inputs: inputs.map(({ values, tensor }, i) => ({ label: `m${i}`, values, tensor: decode(tensor, dtype) })),
    parameters,
    seed,
    isCompatible: true,
  });
}

/** Distance in units of the last place. */
function steps(dtype: MergeDType, a: number, b: number): number {
  const ordered = (value: number) => {
    const bits = dtype === "bf16" ? toBf16(value) : toF16(value);
    return bits & 0x8000 ? -(bits & 0x7fff) : bits;
  };
  return Math.abs(ordered(a) - ordered(b));
}

test.each([...new Set(cases.map(({ method }) => method))])("%s as mergekit computes it", (name) => {
  const own = cases.filter(({ method }) => method === name);
  expect(own.length).toBeGreaterThan(10);
  let [elements, different] = [0, 0];
  for (const given of own) {
    const expected = decode(given.expected.tensor, given.expected.dtype);
    const actual = merged(given);
    const index = cases.indexOf(given);
    expect(methodOf(name).resultDType?.(given.dtype) ?? given.dtype).toBe(given.expected.dtype);
    for (const [i, value] of expected.entries()) {
      const what = `case ${index} element ${i}: ${actual[i]} for ${value}`;
      if (given.expected.dtype === "f32") {
        expect(Math.abs(actual[i] - value), what).toBeLessThanOrEqual(1e-6 + 1e-6 * Math.abs(value));
      } else {
        const distance = steps(given.dtype, actual[i], value);
        expect(distance, what).toBeLessThanOrEqual(1);
        elements++;
        different += distance;
      }
    }
  }
  expect(different).toBeLessThanOrEqual(0.01 * elements);
});
