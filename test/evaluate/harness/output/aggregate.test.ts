import { expect, it } from "vitest";
import { aggregate } from "../../../../src/evaluate/harness/output/aggregate.js";
import { aggregateGroup } from "../../../../src/evaluate/harness/output/aggregate-group.js";
import { Tuple } from "../../../../src/text/jinja/values/value.js";
import { PythonFloat } from "../../../../src/text/python-float.js";
import { golden } from "../../golden.js";
import { goldenFile } from "./golden-file.js";

const floats = (values: readonly number[]) => values.map((value) => new PythonFloat(value));

it("takes the mean with its error", () => {
  const cases = golden<{ cases: { values?: number[]; mean: number; stderr: number | string }[] }>("mean_stderr").cases;
  for (const { values, mean, stderr } of cases) {
    if (values === undefined) continue;
    const { value, standardError } = aggregate("mean", floats(values));
    expect(value).toBeCloseTo(mean, 12);
    if (typeof stderr === "number") expect(standardError).toBeCloseTo(stderr, 12);
    else expect(standardError).toBeNull();
  }
});

it("weights log-likelihoods", () => {
  const recorded = goldenFile<{
    weighted_perplexity: { items: number[][]; weighted_perplexity: number; bits_per_byte: number };
  }>("output.json").weighted_perplexity;
  const items = recorded.items.map(([sum, weight]) => new Tuple([new PythonFloat(sum), weight]));
  for (const name of ["weighted_perplexity", "bits_per_byte"] as const)
    expect(aggregate(name, items)).toEqual({ value: recorded[name], standardError: null });
});

/** Computed with CPython 3.11; values of the two metrics of classes are scikit-learn's. */
const recordedErrors: readonly (readonly [string, number, number])[] = [
  ["median", -1.5, 0.7606868927417059],
  ["nanmean", -1.475, 0.45774925411431683],
  ["perplexity", 4.371035772929758, 2.353204898464869],
  ["f1", 2 / 3, 0.25675270628540536],
  ["matthews_corrcoef", 0.10660035817780521, 0.3657293839433125],
];

it("draws the harness's bootstrap samples", () => {
  const values = floats([-1.5, -0.25, -3, -2.125, -0.5]);
  const pairs = [
    [1, 1],
    [0, 1],
    [1, 0],
    [0, 0],
    [1, 1],
    [2, 1],
  ].map((pair) => new Tuple(pair));
  for (const [name, value, error] of recordedErrors) {
    const got = aggregate(name, name === "f1" ? pairs.slice(0, 5) : name === "matthews_corrcoef" ? pairs : values);
    expect(got.value).toBeCloseTo(value, 12);
    expect(got.standardError).toBeCloseTo(error, 12);
  }
  expect(() => aggregate("f1", pairs)).toThrow("expected classes 0 and 1, got 2");
});

it("pools tasks by size", () => {
  const task = (value: number, standardError: number | null, effective: number, filter = "none") => ({
    metrics: [{ metric: "acc", filter, value, standardError }],
    documents: { original: 100, effective },
  });
  const tasks = [task(0.5, 0.1, 10), task(1, 0.05, 30), task(0.2, 0.2, 5, "other")];
  const setting = { metric: "acc", filters: ["none"], weightBySize: true };
  const [pooled] = aggregateGroup([setting], tasks);
  expect(pooled.value).toBeCloseTo(0.875, 12);
  expect(pooled.standardError).toBeCloseTo(Math.sqrt((9 * 0.01 * 10 + 29 * 0.0025 * 30) / 38 / 40), 12);
  expect(aggregateGroup([{ ...setting, weightBySize: false }], tasks)[0].value).toBeCloseTo(0.75, 12);
  const all = aggregateGroup([{ ...setting, filters: null }], tasks);
  expect(all.map(({ filter }) => filter)).toEqual(["none", "other"]);
  expect(aggregateGroup([setting], [...tasks, task(0, null, 1)])[0].standardError).toBeNull();
  expect(aggregateGroup([{ ...setting, metric: "f1" }], tasks)).toEqual([]);
});
