import { StrataError } from "../../../errors/strata-error.js";
import { changedItems } from "./changed-items.js";
import { compareGroups } from "./compare-groups.js";
import { compareMetric, type MetricDifference } from "./compare-metric.js";
import type { EvaluationComparison, MetricComparison, TaskComparison } from "./comparison.js";
import { pairItems, type ItemPair } from "./pair-items.js";
import { readEvaluation, type Evaluation } from "./read-evaluation.js";
import { readSamples } from "./read-samples.js";

/**
 * Compares two evaluations on the items that both have.
 *
 * @param first  a results file of `strata eval` or lm-evaluation-harness, or a folder that has some
 * @throws StrataError if they have no task or no item in common, or samples are missing
 */
export function compareEvaluations(first: string, second: string): EvaluationComparison {
  const [one, other] = [readEvaluation(first), readEvaluation(second)];
  const common = one.tasks.filter((task) => other.tasks.includes(task));
  if (common.length === 0) throw nothingShared(one, other);
  const tasks = common.map((task) => compareTask(task, one, other));
  return {
    first: { model: one.model, file: one.file },
    second: { model: other.model, file: other.file },
    tasks,
    groups: compareGroups(tasks, one, other),
    onlyFirst: one.tasks.filter((task) => !common.includes(task)),
    onlySecond: other.tasks.filter((task) => !common.includes(task)),
  };
}

function compareTask(task: string, one: Evaluation, other: Evaluation): TaskComparison {
  const { filters, onlyFirst, onlySecond } = pairItems(readSamples(one, task), readSamples(other, task));
  const [pairs] = filters.values();
  if (!pairs) throw noItems(task, one, other);
  const countOther = (key: "promptHash" | "targetHash") =>
    pairs.filter(({ first, second }) => first[key] !== second[key]).length;
  return {
    task,
    items: pairs.length,
    onlyFirst,
    onlySecond,
    otherPrompts: countOther("promptHash"),
    otherTargets: countOther("targetHash"),
    metrics: [...filters].flatMap(([filter, ofFilter]) => compareFilter(task, filter, ofFilter, one, other)),
  };
}

function compareFilter(
  task: string,
  filter: string,
  pairs: readonly ItemPair[],
  one: Evaluation,
  other: Evaluation,
): MetricComparison[] {
  const directions = one.facts("higher_is_better", task);
  return metricsOf(task, filter, one).flatMap((metric) => {
    const difference =
      (isMean(task, metric, one) ? compareMetric(metric, pairs) : null) ?? reported(task, metric, filter, one, other);
    if (difference === null) return [];
    const direction = directions[metric];
    const higherIsBetter = typeof direction === "boolean" ? direction : null;
    return [{ metric, filter, higherIsBetter, ...difference, changed: changedItems(metric, pairs) }];
  });
}

/** From keys such as `acc_norm,none`, without standard errors. */
function metricsOf(task: string, filter: string, evaluation: Evaluation): string[] {
  return Object.keys(evaluation.facts("results", task))
    .filter((key) => key.endsWith(`,${filter}`) && !key.endsWith(`_stderr,${filter}`))
    .map((key) => key.slice(0, -filter.length - 1));
}

/** Whether the metric is a mean over items, or over words or bytes. */
function isMean(task: string, metric: string, evaluation: Evaluation): boolean {
  const list = evaluation.facts("configs", task).metric_list;
  if (!Array.isArray(list)) return true;
  const entry = list.find((one: { metric?: unknown }) => one.metric === metric) as
    | { aggregation?: unknown }
    | undefined;
  const aggregation = entry?.aggregation;
  const means = ["mean", "nanmean", "weighted_perplexity", "bits_per_byte"];
  return typeof aggregation !== "string" || means.includes(aggregation);
}

/** The values of the results files, where those of items do not give the metric. */
function reported(
  task: string,
  metric: string,
  filter: string,
  one: Evaluation,
  other: Evaluation,
): MetricDifference | null {
  const [first, second] = [one, other].map((evaluation) => evaluation.facts("results", task)[`${metric},${filter}`]);
  if (typeof first !== "number" || typeof second !== "number") return null;
  return { first, second, difference: second - first, standardError: null, p: null, test: null, onlyRight: null };
}

function nothingShared(one: Evaluation, other: Evaluation): StrataError {
  return new StrataError("EvaluationError", {
    where: `${one.file} and ${other.file}`,
    expected: "a task that both have",
    got: `${listed(one.tasks)} in the first, ${listed(other.tasks)} in the second`,
    hint: "Evaluate both models on the same tasks.",
  });
}

function listed(names: readonly string[]): string {
  const most = 5;
  return names.slice(0, most).join(", ") + (names.length > most ? ` and ${names.length - most} more` : "") || "none";
}

function noItems(task: string, one: Evaluation, other: Evaluation): StrataError {
  return new StrataError("EvaluationError", {
    where: `${one.samplesFile(task)} and ${other.samplesFile(task)}`,
    expected: "documents that both have, by doc_hash and filter",
    got: "none",
    hint: `Evaluate both models on the same documents of ${task}.`,
  });
}
