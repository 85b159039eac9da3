import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Metric } from "../../src/evaluate/output/scores.js";
import { meanProgress, progress, type Progress } from "../../src/report/measures/progress.js";
import { paperExperiments, paperShares, paperStrategies } from "../../src/report/paper-numbers.js";
import { nextRandom } from "./sequence.js";

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

const loss = (value: number, standardError: number | null = null) => metric(value, standardError, false);
const share = (from: Metric, to: Metric, score: Metric) => progress(from, to, score)?.share ?? null;

describe("progress from a reference to vanilla", () => {
  for (const [name, { columns, fitted, rows }] of Object.entries(tables)) {
    for (const [score, { base, vanilla, largest_residual_percent: limit }] of Object.entries(fitted)) {
      test(`gives the paper's column ${score} of ${name} within the residual of the fit`, () => {
        const printed = columns.indexOf(`${score.replace("_loss", "")}_preserved_percent`);
        const higher = !score.endsWith("_loss");
        expect(Object.keys(rows)).toHaveLength(9);
        for (const row of Object.values(rows)) {
          const [from, to, at] = [base, vanilla, row[columns.indexOf(score)]].map((value) =>
            metric(value, null, higher),
          );
          expect(Math.abs((share(from, to, at) as number) * 100 - row[printed])).toBeLessThanOrEqual(limit + 0.01);
        }
      });
    }
  }

  test("is preserved improvement from the base and gap closed from alone, in trials with known results", () => {
    const percent = (from: number, to: number, scores: readonly number[]) =>
      scores.map((score) => Math.round(100 * (share(loss(from), loss(to), loss(score)) as number)));
    // One machine alone 0.671, vanilla 0.389: slerp-4, 8 rounds, 8 with an outer step, 32, 16 and 32 with one.
    expect(percent(0.671, 0.389, [0.791, 0.65, 0.636, 0.568, 0.567, 0.509])).toEqual([-43, 7, 12, 37, 37, 57]);
    // Other optimizers inside: AdamW, then Muon in 16 and 32 rounds, against AdamW's alone and vanilla.
    expect(percent(0.714, 0.514, [0.665, 0.62, 0.592])).toEqual([24, 47, 61]);
    // Textbooks and GSM8K text: the same slerp-4 preserves 80 % and 82 %.
    expect(percent(6.363, 6.051, [6.354])).toEqual([3]);
    expect(percent(7.586, 6.051, [6.354])).toEqual([80]);
    expect(percent(5.908, 5.275, [5.895])).toEqual([2]);
    expect(percent(8.625, 5.275, [5.895])).toEqual([81]);
    // DiLoCo's perplexities 16.23, 15.02 and 14.72, in log loss.
    expect(percent(Math.log(16.23), Math.log(14.72), [Math.log(15.02)])).toEqual([79]);
  });

  test("follows from the preserved shares p and p₀ of strategy and reference: (p − p₀) / (1 − p₀)", () => {
    // If the paper's slerp-1 were the machine alone, slerp-4's gap closed follows from what both preserve.
    for (const [name, { columns, fitted, rows }] of Object.entries(tables)) {
      for (const [score, { base, vanilla }] of Object.entries(fitted)) {
        const higher = !score.endsWith("_loss");
        const at = (row: string) => metric(rows[row][columns.indexOf(score)], null, higher);
        const [from, to] = [metric(base, null, higher), metric(vanilla, null, higher)];
        const [one, four] = ["slerp-1", "slerp-4"].map((row) => share(from, to, at(row)) as number);
        expect(share(at("slerp-1"), to, at("slerp-4")), name).toBeCloseTo((four - one) / (1 - one), 9);
      }
    }
  });

  test("is 0 at the first reference, 1 at the second, not clipped, and the same for mirrored scores", () => {
    expect([2, 1, 0.5, 2.5].map((value) => share(loss(2), loss(1), loss(value)))).toEqual([0, 1, 1.5, -0.5]);
    expect([-2, -1, -0.5, -2.5].map((value) => share(metric(-2), metric(-1), metric(value)))).toEqual([
      0, 1, 1.5, -0.5,
    ]);
    expect(progress(loss(2, 0.1), loss(1, 0.2), loss(1.7, 0.3))).toEqual(
      progress(metric(-2, 0.1), metric(-1, 0.2), metric(-1.7, 0.3)),
    );
  });

  test("is not defined unless the second reference wins by more than two standard errors of the difference", () => {
    const error = 0.01;
    const limit = 2 * Math.hypot(error, error);
    expect(share(metric(0.5, error), metric(0.5 + limit * 0.999, error), metric(0.6, error))).toBeNull();
    expect(share(metric(0.5, error), metric(0.5 + limit * 1.001, error), metric(0.6, error))).not.toBeNull();
    expect(share(metric(0.5), metric(0.5), metric(0.6))).toBeNull();
    expect(share(metric(0.5), metric(0.4), metric(0.6))).toBeNull();
    expect(share(loss(2), loss(2.5), loss(1))).toBeNull();
    expect(share(metric(2), metric(Number.NaN), metric(1))).toBeNull();
  });

  test("has the standard error of the ratio: that of the derivatives times the errors", () => {
    const result = progress(metric(3, 0.03), metric(5, 0.05), metric(4.2, 0.02));
    const ratio = (b: number, v: number, s: number) => (s - b) / (v - b);
    const h = 1e-6;
    const slope = (b: number, v: number, s: number) =>
      (ratio(3 + b, 5 + v, 4.2 + s) - ratio(3 - b, 5 - v, 4.2 - s)) / (2 * h);
    const expected = Math.hypot(slope(h, 0, 0) * 0.03, slope(0, h, 0) * 0.05, slope(0, 0, h) * 0.02);
    expect(Math.abs((result?.standardError as number) - expected)).toBeLessThan(1e-8);
    expect(progress(metric(3, 0.03), metric(5, 0.05), metric(4.2, null))?.standardError).toBeNull();
  });

  test("has the standard error that simulated scores show, for a share below 0, within and above 1", () => {
    const random = nextRandom(11);
    const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    for (const score of [0.791, 0.671, 0.509, 0.35]) {
      const [alone, vanilla, strategy] = [loss(0.671, 0.008), loss(0.389, 0.006), loss(score, 0.01)];
      const drawn = Array.from({ length: 20_000 }, () => {
        const [a, v, s] = [alone, vanilla, strategy].map(
          ({ value, standardError }) => value + (standardError as number) * normal(),
        );
        return (a - s) / (a - v);
      });
      const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
      const spread = Math.sqrt(drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length);
      const { share: exact, standardError } = progress(alone, vanilla, strategy) as Progress;
      expect(Math.abs(mean - exact)).toBeLessThan(0.005);
      expect(Math.abs((standardError as number) / spread - 1)).toBeLessThan(0.03);
    }
  });

  test("differs from 0 when the score differs from the first reference: the same two standard errors", () => {
    const from = loss(0.671, 0.02);
    const limit = 2 * Math.hypot(0.02, 0.03);
    for (const [distance, differs] of [
      [limit * 1.001, true],
      [limit * 0.999, false],
    ] as const) {
      for (const sign of [1, -1]) {
        const result = progress(from, loss(0.389, 0.01), loss(0.671 + sign * distance, 0.03)) as Progress;
        expect(Math.abs(result.share) > 2 * result.noise).toBe(differs);
      }
    }
  });

  test("has a mean with the standard error of independent values", () => {
    const values = [
      { share: 0.5, standardError: 0.03, noise: 0.02 },
      { share: 0.7, standardError: 0.04, noise: 0.02 },
    ];
    expect(meanProgress(values)).toEqual({ share: 0.6, standardError: 0.025, noise: Math.hypot(0.02, 0.02) / 2 });
    expect(meanProgress([values[0], { ...values[1], standardError: null }])?.standardError).toBeNull();
    expect(meanProgress([])).toBeNull();
  });
});

test("the paper's numbers in the report are those of its tables", () => {
  const names = ["cosmopedia", "cosmopedia_random_weights", "gsm8k", "metamath"];
  for (const [i, experiment] of paperExperiments.entries()) {
    const { columns, rows } = tables[names[i]];
    const keys = experiment.scores.map((score) => `${score.replace(" loss", "")}_preserved_percent`);
    for (const name of paperStrategies) {
      const [first, second, time] = paperShares(experiment, name);
      const printed = (key: string) => rows[name][columns.indexOf(key)];
      expect([first * 100, second * 100]).toEqual(keys.map((key) => expect.closeTo(printed(key), 9)));
      expect(Math.abs(time * 100 - printed("percent_of_vanilla"))).toBeLessThan(0.11);
    }
  }
});
