import { expect, test } from "vitest";
import { fewShotPrefixes } from "../../src/evaluate/task/few-shot.js";
import { PythonRandom } from "../../src/evaluate/task/python-random.js";
import { golden } from "./golden.js";

interface SamplingCase {
  task: string;
  pool: number;
  k: number;
  seed?: number;
  draws_n_plus_1: boolean;
  docs: number[][];
}

test("the generator produces the words of CPython's", () => {
  const group = golden<{ getrandbits32: number[]; then_getrandbits13: number[]; then_random: number[] }>(
    "python_random",
  );
  const random = new PythonRandom(1234);
  expect(group.getrandbits32.map(() => random.bits(32))).toEqual(group.getrandbits32);
  expect(group.then_getrandbits13.map(() => random.bits(13))).toEqual(group.then_getrandbits13);
  expect(group.then_random.map(() => random.uniform())).toEqual(group.then_random);
});

test("each item has the examples that the harness draws for it", () => {
  const { cases } = golden<{ cases: SamplingCase[] }>("fewshot_sampling");
  expect(cases).toHaveLength(6);
  for (const { task, pool, k, seed, draws_n_plus_1: drawExtra, docs } of cases) {
    const indices = Array.from({ length: pool }, (_, i) => i);
    expect(fewShotPrefixes(indices, k, docs.length, { seed, drawExtra }), task).toEqual(docs);
  }
});

test("a pool that is too small is refused", () => {
  expect(() => fewShotPrefixes([1, 2], 5, 1)).toThrow(
    "few-shot examples — expected at least 5 examples to draw from, got 2.\n" +
      "  Use a larger data set of examples, or lower `fewShot`.",
  );
});
