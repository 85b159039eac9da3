import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ReportFacts } from "../../src/report/facts.js";
import { columns, metricOf } from "../../src/report/columns.js";
import { gapClosed, measureOf, preserved } from "../../src/report/measures/measures.js";
import { seedsJson } from "../../src/report/seeds/seeds-json.js";
import { seedsVerdict } from "../../src/report/seeds/seeds-verdict.js";
import { spreadOf, spreadOfAll } from "../../src/report/seeds/spread.js";
import { summarizeSeeds } from "../../src/report/seeds/summary.js";
import { writeSeedsReport } from "../../src/report/seeds/write-seeds-report.js";
import { temporaryFolder } from "../temporary-folder.js";
import { fixture, scores } from "./fixture.js";

/** Runs whose scores and durations differ. */
function runs(): ReportFacts[] {
  return [1, 2, 3].map((seed) => {
    const facts = fixture();
    const strategies = facts.strategies.map((strategy, i) => ({
      ...strategy,
      seconds: strategy.seconds === null ? null : strategy.seconds * (1 + seed / 10),
      scores: i === 0 ? strategy.scores : scores(i === 1 ? 1 : 0.3 + i / 20 + seed / 100, seed),
    }));
    return { ...facts, seed, strategies };
  });
}

test("mean, standard deviation and standard error are those of the definitions", () => {
  expect(spreadOf([2, 4, 9])).toEqual({
    mean: 5,
    deviation: Math.sqrt(13),
    standardError: Math.sqrt(13 / 3),
    count: 3,
  });
  expect(spreadOf([7])).toEqual({ mean: 7, deviation: null, standardError: null, count: 1 });
  expect(spreadOfAll([1, null])).toBe(null);
});

test("the mean of the seeds is their mean; shares are computed for each seed, then averaged", () => {
  const all = runs();
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const summaries = summarizeSeeds({ name: "x", runs: all });
  expect(summaries.map(({ name }) => name)).toEqual(all[0].strategies.map(({ name }) => name));
  for (const [i, { seconds, scores: found }] of summaries.entries()) {
    if (i > 0) expect(seconds?.mean).toBeCloseTo(mean(all.map((facts) => facts.strategies[i].seconds as number)), 10);
    expect(found.length).toBe(columns(all[0]).length);
    for (const { column, ...means } of found) {
      const each = all.map((facts) => metricOf(facts.strategies[i].scores, column)!.value);
      expect(means.value).toEqual(spreadOf(each));
      const shares = [preserved, gapClosed].map((measure) =>
        all.map((facts) => measureOf(facts, measure, facts.strategies[i], column)?.share ?? null),
      );
      expect([means.preserved, means.gapClosed]).toEqual(shares.map(spreadOfAll));
    }
  }
});

test("the combined report shows the means, and its tables have every seed", () => {
  const folder = temporaryFolder();
  const facts = { name: "many", runs: runs() };
  const report = writeSeedsReport(folder, facts);
  const [html, markdown] = [report.html, report.markdown].map((path) => readFileSync(path, "utf8"));
  for (const text of [html, markdown])
    for (const part of ["many: 3 seeds", "seed-1/report", "slerp-4"]) expect(text).toContain(part);
  const figure = readFileSync(join(folder, "figures", "seeds.svg"), "utf8");
  expect(figure.match(/, seed 2: /g)?.length).toBe(html.match(/, seed 2: /g)?.length);
  expect(figure).toContain("slerp-4, seed 2: ");
  const lines = readFileSync(join(folder, "tables", "seeds.csv"), "utf8")
    .trimEnd()
    .split("\r\n");
  expect(lines.length).toBe(1 + facts.runs[0].strategies.length * columns(facts.runs[0]).length * 3);
  const [strategy] = seedsJson(facts).strategies.slice(5);
  const { value, error, seeds } = strategy.scores["small-loss"].loss;
  const spread = spreadOf(seeds.map((one) => one.value));
  expect([value, error, seeds.length]).toEqual([spread.mean, spread.standardError, 3]);
});

test("the verdict names the best strategy, and every one that is worse than one machine alone", () => {
  const verdictOf = (kept: Readonly<Record<string, number>>) => {
    const all = [1, 2, 3].map((seed) => {
      const facts = fixture();
      const [base, vanilla, alone] = ["base", "vanilla", "slerp-1"].map((name) =>
        facts.strategies.find((strategy) => strategy.name === name)!,
      );
      const others = Object.entries(kept).map(([name, share]) => ({ ...alone, name, scores: scores(share, seed / 9) }));
      return { ...facts, seed, strategies: [base, { ...vanilla, scores: scores(1) }, ...others] };
    });
    const facts = { name: "many", runs: all };
    return seedsVerdict(facts, summarizeSeeds(facts));
  };
  expect(verdictOf({ alone: 0.6, good: 0.9, bad: 0.5, worst: 0.2 })).toMatch(
    /^Over 3 seeds, good closed 7\d\.\d% ±.* of the gap .*\. Worse than one machine alone: bad \(−2.*%\), worst \(−.*%\)\.$/,
  );
  expect(verdictOf({ alone: 0.6, bad: 0.5 })).toMatch(
    /^Over 3 seeds, no strategy was better than one machine alone: the best, bad, closed −[^.]*\.[^.]*\.[^.]*\.[^.]*\.$/,
  );
  // Gap closed is not defined: `alone` is as good as vanilla.
  expect(verdictOf({ alone: 1, one: 0.5 })).toMatch(/^Over 3 seeds, one preserved/);
});
