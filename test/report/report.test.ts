import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { csvTables, formatCsv } from "../../src/report/csv.js";
import type { ReportFacts, StrategyFacts } from "../../src/report/facts.js";
import { formatDuration, formatValue } from "../../src/report/numbers.js";
import { resultsTable } from "../../src/report/results-table.js";
import { reportTables } from "../../src/report/tables/tables.js";
import { cautions } from "../../src/report/verdict/cautions.js";
import { verdict } from "../../src/report/verdict/verdict.js";
import { writeReport, type WrittenReport } from "../../src/report/write-report.js";
import { temporaryFolder } from "../temporary-folder.js";
import { fixture, scores } from "./fixture.js";

function without(facts: ReportFacts, ...names: readonly string[]): ReportFacts {
  return { ...facts, strategies: facts.strategies.filter(({ name }) => !names.includes(name)) };
}

function only(facts: ReportFacts, ...names: readonly string[]): ReportFacts {
  return { ...facts, strategies: facts.strategies.filter(({ name }) => names.includes(name)) };
}

function change(facts: ReportFacts, name: string, changed: Partial<StrategyFacts>): ReportFacts {
  return {
    ...facts,
    strategies: facts.strategies.map((strategy) => (strategy.name === name ? { ...strategy, ...changed } : strategy)),
  };
}

/** RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows[rows.length - 1].push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}

describe("the table for the terminal", () => {
  const table = resultsTable(fixture());

  test("has every score, standard error and duration of the facts", () => {
    for (const { name, seconds, scores: of } of fixture().strategies) {
      const rows = table
        .split("\n")
        .filter((line) => line.startsWith(`${name} `))
        .join("\n");
      expect(rows).toContain(formatDuration(seconds));
      for (const { metrics } of of) {
        for (const [metric, { value, standardError }] of Object.entries(metrics)) {
          if (metric !== "perplexity")
            expect(rows).toContain(`${formatValue(value)} ±${formatValue(standardError as number)}`);
        }
      }
    }
  });

  test("is at most 120 characters wide; wider tables are split into blocks with the same rows", () => {
    expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
    const blocks = table.split("\n\n").map((block) => block.split("\n"));
    expect(blocks.length).toBeGreaterThan(1);
    for (const lines of blocks) expect(lines.length).toBe(fixture().strategies.length + 3);
  });

  test("is exactly this for a small run", () => {
    const small = only(fixture(), "base", "vanilla", "slerp-4");
    const facts = {
      ...small,
      strategies: small.strategies.map((strategy) => ({ ...strategy, scores: strategy.scores.slice(2, 3) })),
    };
    expect(resultsTable(facts)).toBe(
      [
        "                                                    answers                    answers",
        "strategy    duration  of vanilla          strict  preserved        flexible  preserved",
        "──────────────────────────────────────────────────────────────────────────────────────",
        "base               –           –  0.0638 ±0.0121          –  0.0660 ±0.0123          –",
        "vanilla   5 min 02 s      100.0%  0.3058 ±0.0121          –  0.3045 ±0.0123          –",
        "slerp-4       78.5 s       26.0%  0.2865 ±0.0121      92.0%  0.2855 ±0.0123      92.0%",
      ].join("\n"),
    );
  });
});

describe("the verdict", () => {
  test("names the best mean over the primary metrics, its duration, and strategies that do not differ from it", () => {
    expect(verdict(fixture())).toBe(
      "slerp-4 did best: it preserved 93.0% ±6.1 of vanilla's improvement on average (88.6% on " +
        "small-loss, 88.8% on large-loss, 92.0% on answers, 102.4% on choices) in 26.0% of vanilla's " +
        "duration. Not distinguishable from it: rounds-2-union (90.3%).",
    );
  });

  test("is withheld where vanilla does not beat the base, and the tasks are named", () => {
    const facts = change(fixture(), "vanilla", { scores: scores(0.001) });
    expect(verdict(facts)).toMatch(/^No verdict: vanilla training does not beat the base beyond noise on any task/);
    expect(cautions(facts)).toContain(
      "small-loss · loss: preserved improvement is not defined: vanilla does not beat the base beyond noise.",
    );
    expect(resultsTable(facts)).toContain("not defined");
  });

  test("says so when no strategy improves, when there is none, and when there is no vanilla", () => {
    expect(verdict(only(fixture(), "base", "vanilla", "slerp-9"))).toMatch(
      /^No strategy improved on the base: the best, slerp-9, preserved −/,
    );
    expect(verdict(only(fixture(), "base", "vanilla"))).toBe("No verdict: vanilla is the only strategy of this run.");
    expect(verdict(without(fixture(), "vanilla"))).toBe(
      "No verdict: strategies are compared with the base and vanilla training, and this run does not have both.",
    );
  });

  test("has a caution if a task skipped bad records", () => {
    const facts = fixture();
    const [base, ...others] = facts.strategies;
    const scores = base.scores.map((score, i) => (i === 0 ? { ...score, skipped: 1 } : score));
    expect(cautions({ ...facts, strategies: [{ ...base, scores }, ...others] })).toEqual([
      `${base.scores[0].task}: 1 bad record was skipped, as maxBadRecords allows. The scores are not ` +
        "comparable with those of programs that count all records.",
    ]);
  });

  test("has a caution if parts and vanilla had different numbers of threads", () => {
    expect(cautions(fixture())).toEqual([]);
    const vanilla = fixture().strategies[1];
    const facts = change(only(fixture(), "base", "vanilla", "slerp-1"), "vanilla", {
      parts: vanilla.parts.map((part) => ({ ...part, threads: 4 })),
    });
    expect(cautions(facts)).toEqual([
      "Unequal threads: vanilla trained with 4, slerp-1 with 1. Durations and their shares of " +
        "vanilla's are not comparable.",
    ]);
  });
});

describe("CSV", () => {
  test("keeps every field of any text and every number exactly", () => {
    const rows = [
      ["a,b", 'say "x"', "two\r\nlines", ""],
      ["–", " ", "plain", "ç"],
    ];
    expect(parseCsv(formatCsv(["one", "two", "three", "four"], rows)).slice(1)).toEqual(rows);
    const facts = fixture();
    const [header, ...scored] = parseCsv(csvTables(facts)["scores.csv"]);
    const all = facts.strategies.flatMap(({ name, scores: of }) =>
      of.flatMap(({ task, metrics }) =>
        Object.entries(metrics).map(([metric, { value }]) => [name, task, metric, String(value)]),
      ),
    );
    expect(scored.map((row) => row.slice(0, 4))).toEqual(all);
    expect(scored.every((row) => row.length === header.length)).toBe(true);
  });

  test("has every part, every loss and every point of the curves", () => {
    const { strategies } = fixture();
    const tables = csvTables(fixture());
    const count = (name: string) => parseCsv(tables[name]).length - 1;
    expect(count("durations.csv")).toBe(strategies.length);
    expect(count("parts.csv")).toBe(strategies.flatMap(({ parts }) => parts).length);
    expect(count("losses.csv")).toBe(strategies.flatMap(({ parts }) => parts.flatMap(({ losses }) => losses)).length);
    expect(count("curves.csv")).toBe(
      strategies.flatMap(({ curve }) =>
        curve.flatMap((point) => point.scores.flatMap(({ metrics }) => Object.keys(metrics))),
      ).length,
    );
  });
});

describe("the written report", () => {
  const folder = temporaryFolder();
  const nasty = `<img src=x onerror=1> & "q" | '*_`;
  const facts = change({ ...fixture(), name: nasty, machine: nasty }, "slerp-1", { name: nasty });
  let written: WrittenReport;
  let html: string;
  beforeAll(() => {
    written = writeReport(folder, facts);
    html = readFileSync(written.html, "utf8");
  });

  test("consists of the files it names; no partial file remains", () => {
    const files = [written.html, written.markdown, ...written.csv, ...written.figures].sort();
    const found = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(found.sort()).toEqual(files);
    expect(written.csv).toHaveLength(7);
  });

  test("is one page without scripts and external resources", () => {
    expect(/<(script|link|img|iframe)|@import|url\(|\s(src|srcset)="|https?:/i.exec(html)?.[0]).toBeUndefined();
    for (const [, target] of html.matchAll(/href="#([^"]*)"/g)) expect(html).toContain(`id="${target}"`);
  });

  test("links the file of every figure and of every table, and nothing else", () => {
    const linked = [...html.matchAll(/href="([^#"][^"]*)"/g)].map(([, path]) => path);
    const { scores: first, others } = reportTables(facts);
    const tables = [first, ...others].map(({ file }) => `tables/${file}`);
    const figures = written.figures.map((path) => relative(folder, path));
    expect(new Set(linked)).toEqual(new Set([...figures, ...tables]));
    for (const path of linked) expect(existsSync(join(folder, path))).toBe(true);
  });

  test("escapes every name, in the page and in the figures", () => {
    const escaped = "&lt;img src=x onerror=1&gt; &amp; &quot;q&quot; | &#39;*_";
    expect(html.replaceAll(escaped, "")).not.toContain("onerror=1>");
    expect(html).toContain(`<h1>${escaped}</h1>`);
    for (const path of written.figures) expect(readFileSync(path, "utf8")).not.toContain("<img");
    expect(readFileSync(written.markdown, "utf8")).not.toMatch(/[^\\]<img/);
  });

  test("has well-formed markup: every element that opens closes in order", () => {
    for (const text of [html, ...written.figures.map((path) => readFileSync(path, "utf8"))]) {
      const open: string[] = [];
      for (const [, close, name, self] of text.matchAll(/<(\/?)([a-z0-9]+)(?:\s[^<>]*?)?(\/?)>/gi)) {
        if (close) expect(open.pop()).toBe(name);
        else if (!self && name !== "meta") open.push(name);
      }
      expect(open).toEqual([]);
      expect(/NaN|undefined|Infinity|\[object/.exec(text)?.[0]).toBeUndefined();
    }
  });

  test("has the duration of every strategy and the machine, in HTML and Markdown", () => {
    for (const text of [html, readFileSync(written.markdown, "utf8")]) {
      for (const { seconds } of facts.strategies) expect(text).toContain(formatDuration(seconds));
      for (const said of ["native (AVX2+FMA)", "8544d39", "15.2 M parameters", "2025-11-24 10:20 UTC"])
        expect(text).toContain(said);
    }
  });

  test("is the same bytes for the same facts", () => {
    writeReport(folder, facts);
    expect(readFileSync(written.html, "utf8")).toBe(html);
  });

  test("can be written with a base alone, without vanilla, curve or losses, and with a loss that is NaN", () => {
    const bare = without(fixture(), "vanilla").strategies.map((strategy) => ({ ...strategy, curve: [], parts: [] }));
    const broken = fixture().strategies.map((strategy) => ({
      ...strategy,
      parts: strategy.parts.map((part) => ({ ...part, losses: [{ step: 1, loss: Number.NaN }] })),
    }));
    for (const strategies of [[], [fixture().strategies[0]], bare, broken]) {
      expect(resultsTable({ ...fixture(), strategies })).toContain("strategy");
      expect(readFileSync(writeReport(folder, { ...fixture(), strategies }).html, "utf8")).not.toMatch(
        /="[^"<>]*(NaN|Infinity)/,
      );
    }
  });
});

test("the report and its CSV say what of each part's change the last merge has", () => {
  const facts = fixture();
  const table = reportTables(facts).others.find(({ id }) => id === "arrived")!;
  const [first, total] = table.rows.map((cells) => cells.map(({ text }) => text));
  expect(first).toEqual(["slerp-1", "layers 0–1", "2.12", expect.any(String), "−0.250", "6 of 18"]);
  expect(first[3]).toBe("50.0% · 60.0% · 70.0% · 80.0%");
  expect(total.slice(1, 3)).toEqual(["total", "1.5"]);
  expect(csvTables(facts)["arrived.csv"].split("\r\n")[1]).toBe("slerp-1,0,layer 0,1.5,0,0.5,-0.25,3");
});
