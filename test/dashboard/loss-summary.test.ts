import { expect, test } from "vitest";
import { createLossSummary } from "../../src/dashboard/state/loss-summary.js";
import { extremes } from "../../src/dashboard/view/smooth.js";

test("a summary of any number of steps is bounded, and keeps every spike and the mean", () => {
  for (const steps of [1, 255, 256, 257, 10_000]) {
    const summary = createLossSummary();
    const spike = Math.ceil(steps * 0.37);
    for (let step = 1; step <= steps; step++) summary.add(step, step === spike ? 99 : 3 + step / steps);
    const buckets = summary.buckets();
    expect(buckets.length).toBeLessThanOrEqual(256);
    expect(extremes(buckets)).toContainEqual({ step: spike, loss: 99 });
    expect(summary.count).toBe(steps);
    const points = extremes(buckets).map(({ step }) => step);
    expect(points).toEqual(points.toSorted((a, b) => a - b));
    if (steps <= 256) expect(buckets.map(({ mean }) => mean)).toContain(99);
  }
});

test("losses that are no numbers are left out", () => {
  const summary = createLossSummary();
  for (const loss of [1, NaN, Infinity, 2]) summary.add(summary.count + 1, loss);
  expect(summary.buckets().map(({ mean }) => mean)).toEqual([1, 2]);
});
