import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Metric } from "../../src/evaluate/output/scores.js";
import { preserved, preservedImprovement } from "../../src/report/preserved.js";

interface PaperTable {
  readonly columns: readonly string[];
  readonly fitted: Record<string, { base: number; vanilla: number; largest_residual_percent: number }>;
  readonly rows: Record<string, readonly number[]>;
}

const { source: _, ...tables } = JSON.parse(
  readFileSync(new URL("../golden/paper-preserved.json", import.meta.url), "utf8"),
) as Record<string, PaperTable>;

function metric(value: number, standardError: number | null = null, higherIsBetter = true): Metric {
  return { value, standardError, higherIsBetter, count: 100 };
}

describe("preserved improvement", () => {
  for (const [name, { columns, fitted, rows }] of Object.entries(tables)) {
    for (const [score, { base, vanilla, largest_residual_percent: limit }] of Object.entries(fitted)) {
      test(`gives the paper's column ${score} of ${name} within the residual of the fit`, () => {
        const printed = columns.indexOf(`${score.replace("_loss", "")}_preserved_percent`);
        const higher = !score.endsWith("_loss");
        expect(Object.keys(rows)).toHaveLength(9);
        for (const row of Object.values(rows)) {
          const share = preservedImprovement(
            metric(base, null, higher),
            metric(vanilla, null, higher),
            metric(row[columns.indexOf(score)], null, higher),
          );
          expect(Math.abs((share as number) * 100 - row[printed])).toBeLessThanOrEqual(limit + 0.01);
        }
      });
    }
  }

  test("is 0 for the base, 1 for vanilla, and not clipped beyond", () => {
    const [base, vanilla] = [metric(2, null, false), metric(1, null, false)];
    expect([2, 1, 0.5, 2.5].map((value) => preservedImprovement(base, vanilla, metric(value, null, false)))).toEqual([
      0, 1, 1.5, -0.5,
    ]);
  });

  test("is not defined unless vanilla beats the base by more than two standard errors of the difference", () => {
    const error = 0.01;
    const limit = 2 * Math.hypot(error, error);
    expect(preservedImprovement(metric(0.5, error), metric(0.5 + limit * 0.999, error), metric(0.6, error))).toBeNull();
    expect(
      preservedImprovement(metric(0.5, error), metric(0.5 + limit * 1.001, error), metric(0.6, error)),
    ).not.toBeNull();
    expect(preservedImprovement(metric(0.5), metric(0.5), metric(0.6))).toBeNull();
    expect(preservedImprovement(metric(0.5), metric(0.4), metric(0.6))).toBeNull();
    expect(preservedImprovement(metric(2, null, false), metric(2.5, null, false), metric(1, null, false))).toBeNull();
    expect(preservedImprovement(metric(2), metric(Number.NaN), metric(1))).toBeNull();
  });

  test("has the standard error of the ratio: that of the derivatives times the errors", () => {
    const [base, vanilla, strategy] = [metric(3, 0.03), metric(5, 0.05), metric(4.2, 0.02)];
    const result = preserved(base, vanilla, strategy);
    const ratio = (b: number, v: number, s: number) => (s - b) / (v - b);
    const h = 1e-6;
    const slope = (b: number, v: number, s: number) =>
      (ratio(3 + b, 5 + v, 4.2 + s) - ratio(3 - b, 5 - v, 4.2 - s)) / (2 * h);
    const expected = Math.hypot(slope(h, 0, 0) * 0.03, slope(0, h, 0) * 0.05, slope(0, 0, h) * 0.02);
    expect(Math.abs((result?.standardError as number) - expected)).toBeLessThan(1e-8);
    expect(preserved(base, vanilla, metric(4.2, null))?.standardError).toBeNull();
  });
});
