import { expect, test } from "vitest";
import { findTaskFiles } from "../../src/evaluate/harness/config/task-files.js";
import { readTaskConfig } from "../../src/evaluate/harness/config/read-task-config.js";
import { aggregate } from "../../src/evaluate/harness/output/aggregate.js";
import { deviations } from "../../src/evaluate/metric/ratio.js";
import { standardError, weightedMean } from "../../src/evaluate/metric/statistics.js";
import { metricName, metricRatio, metricsOfTask } from "../../src/evaluate/task/kinds/file-task-metrics.js";
import { lossMetrics } from "../../src/evaluate/task/kinds/loss.js";
import type { TaskKindName } from "../../src/evaluate/output/scores.js";
import { taskKind, taskKinds } from "../../src/evaluate/task/task-kinds.js";
import { columns, metricLabel, shownColumns } from "../../src/report/columns.js";
import { Tuple } from "../../src/text/jinja/values/value.js";
import { PythonFloat } from "../../src/text/python-float.js";

const tasks = [...findTaskFiles([]).entries.values()].filter(({ kind }) => kind === "task").map(readTaskConfig);

/** The metrics of a loss, and of every task of the package. */
const metricLists: readonly (readonly [TaskKindName, readonly string[]])[] = [
  ["loss", lossMetrics],
  ...tasks.map((config) => ["task", metricsOfTask(config).map(({ name }) => name)] as const),
];

/** A report's facts with these metrics. */
function scored(kind: TaskKindName, metrics: readonly string[]) {
  const metric = { value: 0.5, standardError: null, higherIsBetter: true, count: 1 };
  const values = Object.fromEntries(metrics.map((name) => [name, metric]));
  return { strategies: [{ scores: [{ task: "t", kind, metrics: values, seconds: 1 }] }] };
}

test("the primary metric is one of a task's metrics, and a metric restates another metric of its task", () => {
  expect(metricLists.length).toBeGreaterThan(60);
  for (const [kind, metrics] of metricLists) {
    const { describe, primaryOf } = taskKind(kind);
    expect(metrics).toContain(primaryOf(metrics));
    expect(describe(primaryOf(metrics)).restates).toBeNull();
    for (const metric of metrics) {
      const { restates } = describe(metric);
      if (restates !== null) expect(metrics.filter((other) => other !== metric)).toContain(restates);
    }
  }
});

test("a report has a column for each metric of a task, and shows those that restate no other", () => {
  for (const [kind, metrics] of metricLists) {
    const facts = scored(kind, metrics);
    const found = columns(facts);
    expect(found.map(({ metric }) => metric)).toEqual(metrics);
    expect(found.filter(({ primary }) => primary)).toHaveLength(1);
    expect(found.map(({ label }) => label)).toEqual(found.map((column) => `t · ${metricLabel(column)}`));
    const shown = metrics.filter((metric) => taskKind(kind).describe(metric).restates === null);
    expect(shownColumns(facts).map(({ metric }) => metric)).toEqual(shown);
  }
});

test("metrics of tasks are named and labelled by metric and filter", () => {
  const facts = (name: string) => {
    const { label, heading, unit, restates } = taskKinds.task.describe(name);
    return [label, heading, unit, restates];
  };
  expect(metricName("acc", "none")).toBe("acc");
  expect(metricName("exact_match", "strict-match")).toBe("exact_match,strict-match");
  const share = "share of items";
  expect(facts("exact_match,strict-match")).toEqual(["exact match, strict", "strict", share, null]);
  expect(facts("exact_match,flexible-extract")).toEqual(["exact match, flexible", "flexible", share, null]);
  expect(facts("exact_match,get-answer")).toEqual(["exact match, get-answer", "get-answer", share, null]);
  expect(facts("acc_norm")).toEqual(["normalized accuracy", "acc_norm", share, null]);
  expect(facts("bits_per_byte")).toEqual(["bits per byte", "bits_per_byte", null, "word_perplexity"]);
  expect(facts("of_mine")).toEqual(["of_mine", "of_mine", null, null]);
  expect(taskKinds.task.primaryOf(["acc", "acc_norm"])).toBe("acc_norm");
  expect(taskKinds.task.primaryOf(["acc", "acc_bytes"])).toBe("acc");
});

type Score = number | readonly [logLikelihood: number, weight: number];

const ratioOf = (aggregation: string | undefined) =>
  metricRatio("m", { value: 1, standardError: null, count: 1, higherIsBetter: true, aggregation });

/** The error of a metric with these scores, from their deviations. */
function errorOf(aggregation: string, scores: readonly Score[]): number {
  const ratio = ratioOf(aggregation)!;
  const terms = scores.map((m) => ratio.term({ prompt: "", target: "", responses: [], score: { m } }));
  return Math.hypot(...deviations(terms, ratio.derivative)!);
}

function valueOf(aggregation: string, score: Score): number {
  const value = typeof score === "number" ? new PythonFloat(score) : new Tuple([new PythonFloat(score[0]), score[1]]);
  return aggregate(aggregation, [value]).value;
}

const values = [-1, -4, -2.5, -8, -0.25];
const pairs = [[-3, 2] as const, [-10, 4] as const, [-1.5, 3] as const, [-20, 7] as const];
const perWeight = weightedMean(pairs.map(([sum, weight]) => ({ sum: -sum, weight })));

test.each([
  ["mean", values, standardError(values)!],
  ["mean", [0, 1, 1, 0, 1, 1], standardError([0, 1, 1, 0, 1, 1])!],
  ["perplexity", values, Math.exp(3.15) * standardError(values)!],
  ["weighted_perplexity", pairs, Math.exp(perWeight.value) * perWeight.standardError!],
  ["bits_per_byte", pairs, perWeight.standardError! / Math.LN2],
])("the deviations of %s have its standard error", (aggregation, scores, expected) => {
  expect(errorOf(aggregation, scores) / expected).toBeCloseTo(1, 12);
});

test.each([
  ["mean", (ratio: number) => ratio],
  ["perplexity", (ratio: number) => -ratio],
  ["weighted_perplexity", (ratio: number) => [-3 * ratio, 3] as const],
  ["bits_per_byte", (ratio: number) => [-3 * ratio, 3] as const],
])("the derivative of %s is that of its aggregation by the ratio", (aggregation, scoreAt) => {
  const valueAt = (ratio: number) => valueOf(aggregation, scoreAt(ratio));
  for (const ratio of [0.2, 1, 2.7]) {
    const difference = (valueAt(ratio + 1e-5) - valueAt(ratio - 1e-5)) / 2e-5;
    expect(ratioOf(aggregation)!.derivative(ratio) / difference).toBeCloseTo(1, 7);
  }
});

test("aggregations that are no function of a ratio have no deviations", () => {
  for (const aggregation of ["median", "f1", "matthews_corrcoef", "nanmean", "toString", undefined])
    expect(ratioOf(aggregation)).toBeNull();
});
