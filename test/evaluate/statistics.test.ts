import { expect, test } from "vitest";
import { mean, standardError, weightedMean } from "../../src/evaluate/metric/statistics.js";
import { golden } from "./golden.js";

interface StatisticCase {
  values?: number[];
  mean?: number;
  accuracy?: number;
  n?: number;
  stderr: number | string;
}

test("mean and standard error are the harness's, and one value has no error", () => {
  for (const item of golden<{ cases: StatisticCase[] }>("mean_stderr").cases) {
    const values = item.values ?? shares(item.accuracy as number, item.n as number);
    expect(mean(values)).toBeCloseTo((item.mean ?? item.accuracy) as number, 12);
    if (typeof item.stderr === "number") expect(standardError(values)).toBeCloseTo(item.stderr, 12);
    else expect(standardError(values)).toBeNull();
  }
});

function shares(accuracy: number, n: number): number[] {
  return Array.from({ length: n }, (_, i) => Number(i < Math.round(accuracy * n)));
}

test("with equal weights the weighted mean has the mean's standard error", () => {
  const values = [1, 4, 2, 8, 5];
  const weighted = weightedMean(values.map((value) => ({ sum: 3 * value, weight: 3 })));
  expect(weighted.value).toBeCloseTo(mean(values), 12);
  expect(weighted.standardError).toBeCloseTo(standardError(values) as number, 12);
  expect(weightedMean([{ sum: 6, weight: 3 }])).toEqual({ value: 2, standardError: null });
});
