import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TaskScores } from "../../src/evaluate/output/scores.js";
import { csvTables } from "../../src/report/csv.js";
import type { ReportFacts, StrategyFacts } from "../../src/report/facts.js";
import { resultsTable } from "../../src/report/results-table.js";
import { reportSummary } from "../../src/report/summary.js";
import { reportTables } from "../../src/report/tables/tables.js";
import { cautions } from "../../src/report/verdict/cautions.js";
import { verdict } from "../../src/report/verdict/verdict.js";
import { writeReport } from "../../src/report/write-report.js";
import { temporaryFolder } from "../temporary-folder.js";
import { fixture, fixtureWithAlone, strategy } from "./fixture.js";

function lossScores(value: number, standardError: number | null, task = "books"): TaskScores {
  const metric = { value, standardError, higherIsBetter: false, count: 64 };
  return { task, kind: "loss", metrics: { loss: metric }, seconds: 1 };
}

const lines = (text: string) => text.trimEnd().split("\r\n");

/** A run with a loss (one per task) for each strategy; four workers, except for base, vanilla and alone. */
function runOf(losses: Readonly<Record<string, number | readonly number[]>>, error: number | null = 0.01): ReportFacts {
  const facts = fixture();
  const [base, vanilla] = facts.strategies;
  const strategies = Object.entries(losses).map(([name, values], index): StrategyFacts => {
    const windows = name === "alone" ? ["0-16"] : ["0-16", "0-16", "0-16", "0-16"];
    const known = { base, vanilla }[name] ?? strategy(name, windows, 0, index);
    const scores = [values].flat().map((value, i) => lossScores(value, error, ["books", "problems"][i]));
    return { ...known, scores, curve: [] };
  });
  return { ...facts, strategies };
}

const known = { base: 5.9, vanilla: 0.389, alone: 0.671 };

describe("the verdict with one machine alone", () => {
  test("ranks by gap closed and says how much of the improvement over the base that is", () => {
    expect(verdict(runOf({ ...known, rounds: 0.509, more: 0.6 }))).toBe(
      "rounds did best: it closed 57.4% ±4.4 of the gap between one machine alone and vanilla on books · loss in " +
        "26.0% of vanilla's duration (97.8% of vanilla's improvement over the base preserved).",
    );
  });

  test("says that a strategy is worse than one machine alone", () => {
    expect(verdict(runOf({ ...known, "slerp-4": 0.791 }))).toBe(
      "slerp-4 is worse than one machine alone: it closed −42.6% ±6.4 of the gap between one machine alone and " +
        "vanilla on books · loss in 26.0% of vanilla's duration (92.7% of vanilla's improvement over the base " +
        "preserved); the other three machines did harm.",
    );
    expect(verdict(runOf({ ...known, rounds: 0.509, "slerp-4": 0.791 }))).toMatch(
      /preserved\)\. slerp-4 \(−42\.6%\) is worse than one machine alone: the other three machines did harm\.$/,
    );
    expect(verdict(runOf({ ...known, "slerp-1": 2, "slerp-4": 0.791 }))).toMatch(
      /^No strategy is as good as one machine alone: the best, slerp-4, closed −42\.6% .*; the other three machines did harm\. Worse still: slerp-1 \(−471\.3%\)\.$/,
    );
  });

  test("says that a strategy brought nothing measurable within two standard errors of one machine alone", () => {
    for (const loss of [0.671, 0.65, 0.692]) {
      expect(verdict(runOf({ ...known, "slerp-4": loss }))).toMatch(
        /^slerp-4 brought nothing measurable: it closed .*, which is within two standard errors of one machine alone\.$/,
      );
    }
    expect(verdict(runOf({ ...known, "slerp-4": 0.66, "slerp-1": 3 }))).toMatch(
      /^The best strategy, slerp-4, brought nothing measurable: .* slerp-1 \(−825\.9%\) is worse than one machine alone/,
    );
    expect(verdict(runOf({ ...known, "slerp-4": 0.672 }, null))).toMatch(/^slerp-4 is worse than one machine alone/);
  });

  test("says that a strategy is as good as vanilla, or better", () => {
    expect(verdict(runOf({ ...known, muloco: 0.38 }))).toMatch(/^muloco closed 103.* That is as good as vanilla\.$/);
    expect(verdict(runOf({ ...known, muloco: 0.3 }))).toMatch(/^muloco closed 131.* That is better than vanilla\.$/);
  });

  test("says that the best strategy took longer than vanilla", () => {
    const facts = runOf({ ...known, muloco: 0.45 });
    const slow = facts.strategies.map((one) => (one.name === "muloco" ? { ...one, seconds: 302 } : one));
    expect(verdict({ ...facts, strategies: slow })).toMatch(/preserved\)\. It took longer than vanilla\.$/);
    expect(verdict(facts)).toMatch(/preserved\)\.$/);
  });

  test("names the tasks on which a strategy is worse, although not on average", () => {
    const facts = runOf({ base: [5, 5], vanilla: [1, 1], alone: [2, 2], mixed: [1.2, 2.3] });
    expect(verdict(facts)).toMatch(/^mixed closed 25\.0% .*\. On problems, mixed is worse than one machine alone\.$/);
  });

  test("ranks by preserved improvement where vanilla does not beat one machine alone, and says what is worse", () => {
    const facts = runOf({ base: 5, vanilla: 1, alone: 1.01, rounds: 1.02, "slerp-4": 1.5 });
    expect(verdict(facts)).toBe(
      "rounds did best: it preserved 99.5% ±0.4 of vanilla's improvement on books · loss in 26.0% of vanilla's " +
        "duration. slerp-4 is worse than one machine alone: the other three machines did harm.",
    );
    expect(cautions(facts)).toEqual([
      "books · loss: gap closed is not defined: vanilla does not beat one machine alone beyond noise.",
    ]);
  });

  test("describes one machine alone where nothing else was run", () => {
    expect(verdict(runOf(known))).toBe(
      "One machine alone preserved 94.9% ±0.3 of vanilla's improvement on books · loss in 25.7% of vanilla's " +
        "duration. This run has no other strategy to compare with it.",
    );
  });

  test("stays readable for many strategies", () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`variant-${i}`, 0.8 + i / 100]));
    expect(verdict(runOf({ ...known, ...many })).length).toBeLessThan(700);
    expect(verdict(runOf({ ...known, ...many }))).toMatch(/ and 20 more\.$/);
  });
});

describe("gap closed in tables", () => {
  const facts = runOf({ ...known, "slerp-4": 0.791, rounds: 0.509 });

  test("for the terminal, with its standard error; one machine alone has preserved improvement only", () => {
    expect(resultsTable(facts)).toBe(
      [
        `${" ".repeat(67)}books`,
        "strategy    duration  of vanilla            loss  preserved   gap closed",
        "────────────────────────────────────────────────────────────────────────",
        "base               –           –  5.9000 ±0.0100          –            –",
        "vanilla   5 min 02 s      100.0%  0.3890 ±0.0100          –            –",
        "alone         77.6 s       25.7%  0.6710 ±0.0100      94.9%            –",
        "slerp-4       78.5 s       26.0%  0.7910 ±0.0100      92.7%  −42.6% ±6.4",
        "rounds        78.5 s       26.0%  0.5090 ±0.0100      97.8%   57.4% ±4.4",
      ]
        .join("\n")
        .replace(`${" ".repeat(67)}books`, `${" ".repeat(67)}books`),
    );
  });

  test("in blocks of at most 120 characters for any names", () => {
    const long = { ...fixtureWithAlone(), strategies: fixtureWithAlone().strategies };
    const renamed = long.strategies.map((one, i) => ({
      ...one,
      name: i < 3 ? one.name : one.name.repeat(20),
      scores: one.scores.map((score) => ({ ...score, task: score.task.repeat(20) })),
    }));
    for (const strategies of [long.strategies, renamed])
      for (const line of resultsTable({ ...long, strategies }).split("\n"))
        expect(line.length).toBeLessThanOrEqual(120);
  });

  test("in CSV files and in the summary, the same numbers", () => {
    const [header, ...rows] = csvTables(facts)["scores.csv"].trimEnd().split("\r\n");
    expect(header).toMatch(/,preserved,preserved_standard_error,gap_closed,gap_closed_standard_error$/);
    const { strategies } = reportSummary(facts);
    expect(strategies.map(({ name }) => name)).toEqual(["base", "vanilla", "alone", "slerp-4", "rounds"]);
    for (const [i, { scores }] of strategies.entries()) {
      const { value, error, preserved, preservedError, gapClosed, gapClosedError } = scores.books.loss;
      const cells = [value, error, preserved, preservedError, gapClosed, gapClosedError].map((cell) => cell ?? "");
      const row = rows[i].split(",");
      expect([row[3], row[4], ...row.slice(7)]).toEqual(cells.map(String));
    }
    const [base, vanilla, alone, slerp] = strategies;
    expect([base.seconds, base.shareOfVanilla, vanilla.shareOfVanilla]).toEqual([null, null, 1]);
    expect(base.scores.books.loss).toMatchObject({ preserved: null, gapClosed: null });
    expect(vanilla.scores.books.loss).toMatchObject({ preserved: null, gapClosed: null });
    expect(alone.scores.books.loss).toMatchObject({ preserved: expect.closeTo(0.9488, 4), gapClosed: null });
    expect(slerp).toMatchObject({ exchanges: 1, bytes: 60_000_000 });
    expect(Object.keys(slerp)).toEqual(["name", "seconds", "shareOfVanilla", "exchanges", "bytes", "scores"]);
    expect(slerp.scores.books.loss.gapClosed).toBeCloseTo(-0.4255, 4);
  });

  test("nowhere without one machine alone", () => {
    const folder = join(temporaryFolder(), "report");
    mkdirSync(folder);
    const without = runOf({ base: 5.9, vanilla: 0.389, "slerp-4": 0.791 });
    const written = writeReport(folder, without);
    const texts = [written.html, written.markdown, ...written.csv, ...written.figures].map((path) =>
      readFileSync(path, "utf8"),
    );
    for (const text of [...texts, resultsTable(without), verdict(without)])
      expect(/gap.closed|one machine alone/i.exec(text)?.[0]).toBeUndefined();
    expect(reportSummary(without).strategies[2].scores.books.loss).toMatchObject({
      gapClosed: null,
      gapClosedError: null,
    });
  });
});

describe("rounds, parts and the paper", () => {
  test("a strategy with many rounds has a folded table, of which Markdown shows 20 rows and says so", () => {
    const folder = temporaryFolder();
    const written = writeReport(folder, fixtureWithAlone());
    const html = readFileSync(written.html, "utf8");
    expect(html).toMatch(/<details id="rounds-2"><summary>muloco-64: 64 rounds<\/summary>/);
    const markdown = readFileSync(written.markdown, "utf8");
    const section = /### muloco-64: 64 rounds\n\n(.*?)\n\n(.*?)\n\n/s.exec(markdown) as RegExpExecArray;
    expect(section[1]).toBe("20 of 64 rows, evenly spaced; tables/rounds.csv contains all.");
    const rows = section[2].split("\n").slice(2);
    expect([rows.length, rows[0], rows[19]].map(String)).toEqual([
      "20",
      expect.stringMatching(/^\| 1 \| 4 \|/),
      expect.stringMatching(/^\| 64 \| 4 \|/),
    ]);
    const count = fixtureWithAlone().strategies.reduce((sum, { rounds }) => sum + rounds.length, 0);
    expect(csvTables(fixtureWithAlone())["rounds.csv"].trimEnd().split("\r\n")).toHaveLength(count + 1);
  });

  test("a run without merges has no table of rounds", () => {
    const [base, vanilla, alone] = fixtureWithAlone().strategies;
    const ids = reportTables({ ...fixture(), strategies: [base, vanilla, alone] }).others.map(({ id }) => id);
    expect(ids).toEqual(["durations", "layers", "parts"]);
  });

  test("evaluated parts are listed below the model that they are merged into", () => {
    const facts = fixtureWithAlone();
    const parts = [0, 1].map((worker) => ({ worker, scores: facts.strategies[2].scores }));
    const strategies = facts.strategies.map((one) => (one.name === "slerp-4" ? { ...one, partScores: parts } : one));
    const { others } = reportTables({ ...facts, strategies });
    const table = others.find(({ id }) => id === "part-scores");
    expect(table?.rows.map((row) => row.slice(0, 5).map(({ text }) => text))).toEqual([
      ["slerp-4", "merged", "1.9187", "88.6%", "38.4%"],
      ["slerp-4", "1", "1.9933", "81.6%", "0.0%"],
      ["slerp-4", "2", "1.9933", "81.6%", "0.0%"],
    ]);
    const tables = csvTables({ ...facts, strategies });
    expect(lines(tables["part-scores.csv"])).toHaveLength(1 + 2 * 8);
    expect(csvTables(facts)["part-scores.csv"]).toBeUndefined();
  });

  test("the paper's numbers are beside those of this run, if the recipe asks for them", () => {
    expect(reportTables(fixtureWithAlone()).others.map(({ id }) => id)).not.toContain("paper");
    const { others } = reportTables({ ...fixtureWithAlone(), paper: true });
    const table = others.find(({ id }) => id === "paper");
    const row = table?.rows[3].map(({ text }) => text) ?? [];
    expect(row[0]).toBe("slerp-4");
    expect(row.slice(-12)).toEqual([
      "48.7%",
      "70.9%",
      "25.3%",
      "20.1%",
      "31.8%",
      "25.0%",
      "60.6%",
      "61.4%",
      "28.4%",
      "80.6%",
      "89.7%",
      "24.7%",
    ]);
    expect(row.slice(1, 4)).toEqual(["26.0%", "88.6%", "38.4%"]);
    const tables = csvTables({ ...fixtureWithAlone(), paper: true });
    expect(lines(tables["paper.csv"])).toHaveLength(73);
  });
});
