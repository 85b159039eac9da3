import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { evaluationComparisonText } from "../../../../src/cli/view/evaluation-comparison-text.js";
import { compareEvaluations } from "../../../../src/evaluate/harness/compare/compare-evaluations.js";
import { temporaryFolder } from "../../../temporary-folder.js";
import { choiceLine, hashes, pageLine, textLine, writeEvaluation, type Line } from "./write-evaluation.js";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

const at = (name: string) => join(folder, name);
const choices = ["no", "a long answer", "🙂"];

function arc(lines: readonly Line[]) {
  return { arc_easy: { lines, results: { "acc,none": 0.5, "acc_stderr,none": 0.1, "acc_norm,none": 0.5 } } };
}

describe("of right and wrong items", () => {
  const first = [
    choiceLine(0, 0, [-1, -9, -2], choices),
    choiceLine(1, 1, [-1, -2, -3], choices),
    choiceLine(2, 2, [-1, -9, -2], choices),
    choiceLine(3, 2, [-1, -2, -9], choices),
  ];
  const second = [
    choiceLine(0, 0, [-1, -9, -2], choices),
    choiceLine(1, 1, [-3, -2, -4], choices),
    choiceLine(2, 2, [-3, -9, -2], choices),
    choiceLine(3, 2, [-3, -2, -9], choices),
  ];

  it("gives values, the difference, its paired error and McNemar's p", () => {
    writeEvaluation(at("a"), arc(first));
    writeEvaluation(at("b"), arc(second));
    const [task] = compareEvaluations(at("a"), at("b")).tasks;
    expect(task).toMatchObject({ task: "arc_easy", items: 4, onlyFirst: 0, onlySecond: 0, otherPrompts: 0 });
    const [acc] = task.metrics;
    // The differences are 0, 1, 1, 0.
    expect(acc).toMatchObject({ metric: "acc", filter: "none", first: 0.25, second: 0.75, difference: 0.5 });
    expect(acc.standardError).toBeCloseTo(Math.sqrt(1 / 3) / 2, 14);
    expect(acc).toMatchObject({ test: "mcnemar", p: 0.5, onlyRight: { first: 0, second: 2 } });
  });

  it("lists the items whose answer changed, also from wrong to wrong", () => {
    writeEvaluation(at("a"), arc(first));
    writeEvaluation(at("b"), arc(second));
    const [acc, norm] = compareEvaluations(at("a"), at("b")).tasks[0].metrics;
    expect(
      acc.changed.map(({ docId, first: a, second: b }) => [docId, a.answer, a.isRight, b.answer, b.isRight]),
    ).toEqual([
      [1, 0, false, 1, true],
      [2, 0, false, 2, true],
      [3, 0, false, 1, false],
    ]);
    // Per code point, of which the emoji has one: the long answer has the most of items 1 and 3 in both.
    expect(norm.changed.map(({ docId, first: a, second: b }) => [docId, a.answer, b.answer])).toEqual([[2, 0, 1]]);
  });

  it("is 0 with p 1 for an evaluation and itself", () => {
    const file = writeEvaluation(at("a"), arc(first));
    const comparison = compareEvaluations(file, at("a"));
    for (const metric of comparison.tasks[0].metrics) {
      expect(metric).toMatchObject({ difference: 0, standardError: 0, p: 1, changed: [] });
    }
  });

  it("pairs documents by hash, in any order and of any limit", () => {
    writeEvaluation(at("a"), arc(first));
    writeEvaluation(at("b"), arc(second.slice(1).reverse()));
    const [task] = compareEvaluations(at("a"), at("b")).tasks;
    expect(task).toMatchObject({ items: 3, onlyFirst: 1, onlySecond: 0 });
    expect(task.metrics[0]).toMatchObject({ first: 0, second: 2 / 3 });
    expect(evaluationComparisonText(compareEvaluations(at("a"), at("b")))).toContain("arc_easy: 1 document only in A");
  });

  it("pairs the occurrences of a repeated document in their order", () => {
    const twice = (lines: readonly Line[]) => arc(lines.map((line) => ({ ...line, ...hashes(0) })));
    writeEvaluation(at("a"), twice(first));
    writeEvaluation(at("b"), twice(second));
    expect(compareEvaluations(at("a"), at("b")).tasks[0]).toMatchObject({ items: 4, onlyFirst: 0, onlySecond: 0 });
    expect(compareEvaluations(at("a"), at("b")).tasks[0].metrics[0].onlyRight).toEqual({ first: 0, second: 2 });
  });

  it("counts pairs with other prompts", () => {
    writeEvaluation(at("a"), arc(first));
    writeEvaluation(at("b"), arc(second.map((line, i) => (i < 3 ? { ...line, prompt_hash: "other" } : line))));
    expect(compareEvaluations(at("a"), at("b")).tasks[0].otherPrompts).toBe(3);
  });
});

it("compares each filter of generated answers", () => {
  const gsm8k = (answers: readonly string[], right: readonly number[]) => ({
    gsm8k: {
      lines: ["strict-match", "flexible-extract"].flatMap((filter) =>
        answers.map((answer, i) =>
          textLine(i, filter, filter === "strict-match" ? "[invalid]" : answer, right[i] === 1),
        ),
      ),
      results: {
        "exact_match,strict-match": 0,
        "exact_match_stderr,strict-match": 0,
        "exact_match,flexible-extract": 0,
        "exact_match_stderr,flexible-extract": 0,
      },
      higherIsBetter: { exact_match: true },
    },
  });
  writeEvaluation(at("a"), gsm8k(["18", "$7", "3"], [1, 0, 0]));
  writeEvaluation(at("b"), gsm8k(["18", "7", "3"], [1, 1, 0]));
  const [task] = compareEvaluations(at("a"), at("b")).tasks;
  expect(task.items).toBe(3);
  expect(task.metrics.map(({ filter, changed }) => [filter, changed.length])).toEqual([
    ["strict-match", 1],
    ["flexible-extract", 1],
  ]);
  expect(task.metrics[1]).toMatchObject({ higherIsBetter: true, onlyRight: { first: 0, second: 1 } });
  expect(task.metrics[1].changed[0]).toMatchObject({
    docId: 1,
    first: { answer: "$7", isRight: false },
    second: { answer: "7", isRight: true },
  });
});

it("compares perplexities with the error of a ratio", () => {
  const wikitext = (scores: readonly number[]) => ({
    wikitext: {
      lines: scores.map((score, i) => pageLine(i, score, 10 * (i + 1), 50 * (i + 1))),
      results: { "word_perplexity,none": 1, "word_perplexity_stderr,none": "N/A", "bits_per_byte,none": 1 },
    },
  });
  writeEvaluation(at("a"), wikitext([-20, -41, -59]));
  writeEvaluation(at("b"), wikitext([-19, -38, -60]));
  const [perplexity, bits] = compareEvaluations(at("a"), at("b")).tasks[0].metrics;
  expect(perplexity.first).toBeCloseTo(Math.exp(120 / 60), 12);
  expect(perplexity.second).toBeCloseTo(Math.exp(117 / 60), 12);
  expect(bits.difference).toBeCloseTo(-3 / 300 / Math.LN2, 12);
  const deviations = [1, 3, -1].map((change, i) => -change + (3 / 300) * 50 * (i + 1));
  const error = Math.sqrt((3 / 2) * deviations.reduce((sum, one) => sum + one * one, 0)) / 300 / Math.LN2;
  expect(bits.standardError).toBeCloseTo(error, 12);
  expect(bits).toMatchObject({ test: "t", onlyRight: null, changed: [] });
});

it("takes values from the results files where items do not average to the metric", () => {
  const task = (value: number) => ({
    f1_task: {
      lines: [0, 1].map((i) => textLine(i, "none", "x", true)),
      results: { "exact_match,none": value },
      config: { metric_list: [{ metric: "exact_match", aggregation: "median" }] },
    },
  });
  writeEvaluation(at("a"), task(0.25));
  writeEvaluation(at("b"), task(0.5));
  expect(compareEvaluations(at("a"), at("b")).tasks[0].metrics[0]).toMatchObject({
    first: 0.25,
    second: 0.5,
    standardError: null,
    p: null,
  });
});

describe("of a group", () => {
  const subject = (right: readonly number[]) => ({
    lines: right.map((one, i) => textLine(i, "none", String(one), one === 1)),
    results: { "exact_match,none": 0 },
  });
  const tasks = (a: readonly number[], b: readonly number[]) => ({ algebra: subject(a), anatomy: subject(b) });
  const groups = (value: number) => ({
    groups: { all: { "exact_match,none": value, "exact_match_stderr,none": 0.1 } },
    group_subtasks: { all: ["stem", "anatomy"], stem: ["algebra"] },
  });

  it("weights tasks by their size, or equally if the file did", () => {
    writeEvaluation(at("a"), tasks([1, 0, 0, 0], [1, 1]), { more: groups(0.5) });
    writeEvaluation(at("b"), tasks([1, 1, 0, 0], [1, 0]), { more: groups(0.5) });
    writeEvaluation(at("c"), tasks([1, 0, 0, 0], [1, 1]), { more: groups(0.625) });
    const [bySize] = compareEvaluations(at("a"), at("b")).groups;
    expect(bySize).toMatchObject({ group: "all", tasks: 2, items: 6, metric: "exact_match", first: 0.5, second: 0.5 });
    // Standard errors of 0, 1, 0, 0 and of 0, −1.
    expect(bySize.standardError).toBeCloseTo(Math.hypot((4 / 6) * 0.25, (2 / 6) * 0.5), 12);
    expect(bySize.p).toBe(1);
    const [equal] = compareEvaluations(at("c"), at("b")).groups;
    expect(equal).toMatchObject({ first: 0.625, second: 0.5 });
    expect(evaluationComparisonText(compareEvaluations(at("a"), at("b")))).toContain("all (2 tasks)");
  });

  it("is absent if a task of it is", () => {
    const { algebra } = tasks([1], [0]);
    writeEvaluation(at("a"), { algebra }, { more: groups(0.5) });
    expect(compareEvaluations(at("a"), at("a")).groups).toEqual([]);
  });
});

it("takes the newest results of a folder", () => {
  const old = arc([choiceLine(0, 0, [-1, -2, -3], choices)]);
  writeEvaluation(at("a"), old, { time: "2026-11-29T09-59-59.999999", logsSamples: false });
  const newest = writeEvaluation(at("a"), old);
  expect(compareEvaluations(at("a"), at("a")).first).toEqual({ model: "/models/tiny", file: newest });
});

it("reads NaN and infinities as Python writes them", () => {
  const file = writeEvaluation(at("a"), arc([choiceLine(0, 0, [-1, -2, -3], choices)]));
  const samples = file.replace("results_", "samples_arc_easy_").replace(/json$/, "jsonl");
  const text = readFileSync(samples, "utf8");
  writeFileSync(samples, text.replace('"acc":1', '"acc": NaN, "note": "Infinity and NaN \\" stay", "more": -Infinity'));
  expect(compareEvaluations(at("a"), at("a")).tasks[0].metrics[0].first).toBeNaN();
});

describe("refuses", () => {
  const one = arc([choiceLine(0, 0, [-1, -2, -3], choices)]);

  it("missing samples, by the name of the file", () => {
    writeEvaluation(at("a"), one);
    const file = writeEvaluation(at("b"), one, { logsSamples: false });
    const samples = file.replace("results_", "samples_arc_easy_").replace(/json$/, "jsonl");
    expect(() => compareEvaluations(at("a"), at("b"))).toThrow(samples);
    expect(() => compareEvaluations(at("a"), at("b"))).toThrow("--log_samples");
  });

  it("evaluations without a common task or document", () => {
    writeEvaluation(at("a"), one);
    writeEvaluation(at("b"), { gsm8k: one.arc_easy });
    writeEvaluation(at("c"), arc([choiceLine(7, 0, [-1, -2, -3], choices)]));
    expect(() => compareEvaluations(at("a"), at("b"))).toThrow("arc_easy in the first, gsm8k in the second");
    expect(() => compareEvaluations(at("a"), at("c"))).toThrow("documents that both have");
  });

  it("other files and damaged lines", () => {
    const file = writeEvaluation(at("a"), one);
    expect(() => compareEvaluations(at("none"), at("a"))).toThrow("no such file or folder");
    expect(() => compareEvaluations(folder, at("a"))).toThrow("results_TIME.json");
    const samples = file.replace("results_", "samples_arc_easy_").replace(/json$/, "jsonl");
    writeFileSync(samples, `${readFileSync(samples, "utf8")}{"doc_id": 1\n`);
    expect(() => compareEvaluations(at("a"), at("a"))).toThrow(`${samples} line 2`);
    writeFileSync(file, "[]");
    expect(() => compareEvaluations(at("a"), at("a"))).toThrow("an object with results and configs");
  });
});

it("prints a table and the items that changed", () => {
  const pair = (score: number) => arc([0, 1].map((i) => choiceLine(i, 0, [score, -2, -30], ["no", "ok", "🙂"])));
  writeEvaluation(at("a"), pair(-1));
  writeEvaluation(at("b"), pair(-3));
  const text = evaluationComparisonText(compareEvaluations(at("a"), at("b")));
  expect(text.replaceAll(folder, "")).toBe(`A: /models/tiny (/a/__models__tiny/results_2026-11-29T10-00-00.000001.json)
B: /models/tiny (/b/__models__tiny/results_2026-11-29T10-00-00.000001.json)

task      filter  metric    items       A       B    B − A       ±       p  only A right  only B right
arc_easy  none    acc           2  1.0000  0.0000  -1.0000  0.0000  0.5000             2             0
arc_easy  none    acc_norm      2  1.0000  0.0000  -1.0000  0.0000  0.5000             2             0

±: standard error of the difference on the same items. p: two-sided; McNemar's exact test where items are right
or wrong, otherwise Student's t of the differences.

arc_easy acc: 2 items changed
item  A               B
   0  choice 0 right  choice 1 wrong
   1  choice 0 right  choice 1 wrong

arc_easy acc_norm: 2 items changed
item  A               B
   0  choice 0 right  choice 1 wrong
   1  choice 0 right  choice 1 wrong
`);
});
