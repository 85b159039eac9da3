import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deviations, type Term } from "../../src/evaluate/metric/ratio.js";
import { weightedMean } from "../../src/evaluate/metric/statistics.js";
import { columns } from "../../src/report/columns.js";
import { csvTables } from "../../src/report/csv.js";
import type { ReportFacts, StrategyFacts } from "../../src/report/facts.js";
import {
  differenceError,
  gapClosed,
  isWorseThanAlone,
  measureOf,
  measureScored,
} from "../../src/report/measures/measures.js";
import { reportSummary } from "../../src/report/summary.js";
import { reportTables } from "../../src/report/tables/tables.js";
import { verdict } from "../../src/report/verdict/verdict.js";
import { writeReport } from "../../src/report/write-report.js";
import { temporaryFolder } from "../temporary-folder.js";
import { fixture, fixtureWithAlone, strategy } from "./fixture.js";
import { nextRandom } from "./sequence.js";

type Models = Readonly<Record<string, readonly Term[]>>;

const documents = 200;

/** Documents of different length and difficulty: `spread` is what a model's loss on a document adds of its own. */
function losses(means: Readonly<Record<string, number>>, spread = 0.1, seed = 5): Models {
  const random = nextRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const items = Array.from({ length: documents }, () => ({ tokens: 20 + Math.floor(300 * random()), hard: normal() }));
  return Object.fromEntries(
    Object.entries(means).map(([name, mean]) => [
      name,
      items.map(({ tokens, hard }) => ({ sum: tokens * (mean + 0.5 * hard + spread * normal()), weight: tokens })),
    ]),
  );
}

function runOf(models: Models): ReportFacts {
  const strategies = Object.entries(models).map(([name, terms], index): StrategyFacts => {
    const { value, standardError } = weightedMean(terms);
    const metrics = { loss: { value, standardError, higherIsBetter: false, count: 1 } };
    const windows = name === "alone" ? ["0-16"] : ["0-16", "0-16"];
    const known = { base: fixture().strategies[0] }[name] ?? strategy(name, windows, 0, index);
    return { ...known, scores: [{ task: "books", kind: "loss", metrics, seconds: 1 }], curve: [] };
  });
  const all = Object.values(models).map((terms) => deviations(terms, () => 1) as Float64Array);
  const matrix = all.map((a) => all.map((b) => a.reduce((sum, value, i) => sum + value * b[i], 0)));
  return { ...fixture(), strategies, covariances: { books: { loss: matrix } } };
}

/** Standard deviations of the gaps closed by the two last models, and of their difference, over samples of items. */
function bootstrap(models: Models): number[] {
  const random = nextRandom(77);
  const draws = Array.from({ length: 3000 }, () => {
    const chosen = Array.from({ length: documents }, () => Math.floor(documents * random()));
    const of = (name: string) => weightedMean(chosen.map((i) => models[name][i])).value;
    const [alone, vanilla, first, second] = ["alone", "vanilla", "first", "second"].map(of);
    const [a, b] = [first, second].map((score) => (alone - score) / (alone - vanilla));
    return [a, b, a - b];
  });
  return [0, 1, 2].map((i) => {
    const values = draws.map((draw) => draw[i]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  });
}

const means = { base: 6, vanilla: 2, alone: 2.4 };

describe("paired standard errors", () => {
  for (const [first, second] of [
    [2.2, 2.25],
    [1.7, 2.6],
    [2.4, 2],
  ]) {
    test(`agree with a bootstrap over items, for strategies at ${first} and ${second}`, () => {
      const models = losses({ ...means, first, second });
      const facts = runOf(models);
      const [column] = columns(facts);
      const [, , , a, b] = facts.strategies;
      const errors = [
        measureOf(facts, gapClosed, a, column)?.standardError,
        measureOf(facts, gapClosed, b, column)?.standardError,
        differenceError(facts, gapClosed, [a, b], column),
      ];
      for (const [i, expected] of bootstrap(models).entries())
        expect(Math.abs((errors[i] as number) / expected - 1)).toBeLessThan(0.06);
    });
  }

  test("are far below those of independent scores where models agree on what is hard", () => {
    const facts = runOf(losses({ ...means, first: 2.2 }));
    const error = (of: ReportFacts) => measureOf(of, gapClosed, of.strategies[3], columns(of)[0])?.standardError;
    expect(error({ ...facts, covariances: undefined }) as number).toBeGreaterThan(4 * (error(facts) as number));
  });

  test("are those of independent scores where the scores are not correlated", () => {
    const facts = { ...fixtureWithAlone(), covariances: undefined };
    const squares = (task: string, metric: string) =>
      facts.strategies.map(
        ({ scores }) => (scores.find((score) => score.task === task)?.metrics[metric].standardError as number) ** 2,
      );
    const diagonal = (values: readonly number[]) =>
      values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));
    const covariances = Object.fromEntries(
      facts.strategies[0].scores.map(({ task, metrics }) => [
        task,
        Object.fromEntries(Object.keys(metrics).map((metric) => [metric, diagonal(squares(task, metric))])),
      ]),
    );
    const uncorrelated = { ...facts, covariances };
    expect(reportSummary(uncorrelated)).toEqual(reportSummary(facts));
    expect(verdict(uncorrelated)).toBe(verdict(facts));
  });

  test("of the difference between two equal strategies are 0", () => {
    const models = losses({ ...means, first: 2.2 });
    const facts = runOf({ ...models, second: models.first, third: models.alone });
    const [, , , a, b, alone] = facts.strategies;
    const [column] = columns(facts);
    expect(differenceError(facts, gapClosed, [a, b], column)).toBe(0);
    expect(measureOf(facts, gapClosed, alone, column)).toMatchObject({ share: 0, noise: 0 });
    expect(isWorseThanAlone(facts, alone, column)).toBe(false);
    expect(verdict(facts)).toMatch(/^first did best: .* Not distinguishable from it: second \(/);
  });

  test("decide whether vanilla beats one machine alone, and what differs from it and from the best", () => {
    const close = runOf(losses({ base: 6, vanilla: 2, alone: 2.06, first: 2.03, second: 2.1 }, 0.02));
    expect(verdict(close)).toMatch(
      /^first did best: it closed .*preserved\)\. second \(−\d+\.\d%\) is worse than one machine alone: the other machine did harm\.$/,
    );
    const independent = verdict({ ...close, covariances: undefined });
    expect(independent).toMatch(/^first did best: it preserved .* Not distinguishable from it: second/);
    expect(independent).not.toContain("gap");
    const apart = runOf(losses({ base: 6, vanilla: 2, alone: 2.3, first: 2.15, second: 2.16 }, 0.004));
    expect(verdict(apart)).not.toContain("Not distinguishable");
    expect(verdict({ ...apart, covariances: undefined })).toContain("Not distinguishable from it: second");
  });

  test("hold for parts too", () => {
    const facts = runOf(losses({ ...means, first: 2.2, second: 2.3 }));
    const second = facts.strategies[4];
    const covariances = { books: { loss: facts.covariances?.books.loss[4] ?? [] } };
    const part = { worker: 0, scores: second.scores, covariances };
    const [column] = columns(facts);
    const expected = measureOf(facts, gapClosed, second, column)?.standardError as number;
    expect(measureScored(facts, gapClosed, part, column)?.standardError).toBeCloseTo(expected, 12);
    const strategies = facts.strategies.map((one) => (one === second ? { ...one, partScores: [part, part] } : one));
    const rows = reportTables({ ...facts, strategies }).others.find(({ id }) => id === "part-scores")?.rows ?? [];
    expect(rows[1].slice(2)).toEqual(rows[0].slice(2));
    const table = csvTables({ ...facts, strategies })["part-scores.csv"];
    const lines = table.trimEnd().split("\r\n");
    expect(Number(lines[1].split(",").at(-1))).toBeCloseTo(expected, 12);
  });

  test("fall back to independent scores, pair by pair, and in records of earlier versions", () => {
    const facts = runOf(losses({ ...means, first: 2.2 }));
    const { covariances: _, ...old } = facts;
    const matrix = facts.covariances?.books.loss ?? [];
    const unknown = { books: { loss: matrix.map((row) => row.map(() => null)) } };
    const none: NonNullable<ReportFacts["covariances"]>[] = [{}, { books: {} }, { other: { loss: matrix } }, unknown];
    for (const covariances of none) expect(reportSummary({ ...facts, covariances })).toEqual(reportSummary(old));
    const folder = join(temporaryFolder(), "report");
    mkdirSync(folder);
    const pageOf = (run: ReportFacts) => readFileSync(writeReport(folder, run).html, "utf8");
    for (const run of [old, { ...facts, covariances: unknown }]) {
      expect(pageOf(run)).toContain("assume that the scores are independent");
      expect(pageOf(run)).not.toMatch(/NaN|paired/);
    }
    expect(pageOf(facts)).toContain("paired over the items");
    expect(pageOf(facts)).not.toContain("assume that");
    // Only `first` was scored on other items: the difference between vanilla and alone is still paired.
    const last = matrix.length - 1;
    const partial = matrix.map((row, i) => row.map((value, j) => (i === j || (i < last && j < last) ? value : null)));
    const result = measureOf(
      { ...facts, covariances: { books: { loss: partial } } },
      gapClosed,
      facts.strategies[last],
      columns(facts)[0],
    );
    const [v, a, s] = [1, 2, 3].map((i) => matrix[i][i] as number);
    const g = result?.share as number;
    const gap = facts.strategies[2].scores[0].metrics.loss.value - facts.strategies[1].scores[0].metrics.loss.value;
    const variance = s + (1 - g) ** 2 * a + g ** 2 * v + 2 * g * (1 - g) * (matrix[1][2] as number);
    expect(result?.standardError).toBeCloseTo(Math.sqrt(variance) / gap, 12);
  });
});
