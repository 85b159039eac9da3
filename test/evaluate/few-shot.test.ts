import { expect, test } from "vitest";
import { findTask } from "../../src/evaluate/harness/config/find-tasks.js";
import { exampleSampler } from "../../src/evaluate/harness/prompt/examples.js";
import { PythonRandom } from "../../src/evaluate/task/python-random.js";
import { Dict } from "../../src/text/jinja/values/value.js";
import { golden } from "./golden.js";

interface SamplingCase {
  task: string;
  pool: number;
  k: number;
  /** Default: the harness's 1234. */
  seed?: number;
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

const config = (task: string) => findTask(task).config;
const poolOf = (size: number) => Array.from({ length: size }, (_, i) => new Dict([["index", i]]));

test("each item has the examples that the harness draws for it", () => {
  const { cases } = golden<{ cases: SamplingCase[] }>("fewshot_sampling");
  expect(cases).toHaveLength(6);
  for (const { task, pool, k, seed, docs } of cases) {
    const random = new PythonRandom(seed ?? 1234);
    expect(
      docs.map(() => random.sample(pool, k)),
      task,
    ).toEqual(docs);
    if (seed !== undefined) continue;
    const sample = exampleSampler(config(/^(gsm8k|arc_\w+)$/.test(task) ? task : "arc_easy"), poolOf(pool), k);
    expect(
      docs.map(() => sample(new Dict()).map((example) => example.get("index"))),
      task,
    ).toEqual(docs);
  }
});

test("a task without splits of its own for examples draws one more and leaves out the document itself", () => {
  const pool = poolOf(9);
  const sample = exampleSampler(config("hellaswag"), pool, 3);
  const random = new PythonRandom(1234);
  for (let round = 0; round < 5; round++)
    for (const [i, doc] of pool.entries()) {
      const others = random.sample(9, 4).filter((drawn) => drawn !== i);
      expect(sample(doc).map((example) => example.get("index"))).toEqual(others.slice(0, 3));
    }
});

test("a pool that is too small is refused", () => {
  expect(() => exampleSampler(config("gsm8k"), poolOf(2), 5)).toThrow(
    /^few-shot examples of gsm8k — expected at least 5 documents to draw from, got 2\./,
  );
  expect(() => exampleSampler(config("hellaswag"), poolOf(5), 5)).toThrow(/ at least 6 documents .*got 5\./);
});
