import { deviations, type RatioMetric, type Term } from "../../evaluate/metric/ratio.js";
import type { Sample } from "../../evaluate/output/samples.js";
import type { TaskScores } from "../../evaluate/output/scores.js";
import { taskKind } from "../../evaluate/task/task-kinds.js";
import { readJsonLines } from "../../files/json-lines.js";
import { readDone, verifiedOutput, type Store } from "../../jobs/job-folder.js";
import type { ByMetric, ReportFacts, StrategyFacts } from "../../report/facts.js";
import type { FactsPlan } from "../graph/plan-record.js";

/** What an evaluation says about one metric of one task. */
interface ItemErrors {
  readonly task: string;
  readonly metric: string;
  /** Index and weight of each item: equal for two evaluations of the same items. */
  readonly items: Float64Array;
  readonly deviations: Float64Array;
}

type Evaluated = readonly ItemErrors[];

/**
 * Adds the covariances of the scores, from the samples of the evaluations.
 *
 * @param strategies  the base, then those of the plan
 */
export function withCovariances(
  store: Store,
  { baseEvaluation, strategies: jobs }: Pick<FactsPlan, "baseEvaluation" | "strategies">,
  strategies: readonly StrategyFacts[],
): Pick<ReportFacts, "strategies" | "covariances"> {
  const evaluations = [baseEvaluation, ...jobs.map(({ evaluation }) => evaluation)];
  const evaluated = evaluations.map(({ id }) => readItemErrors(store, id));
  const partEvaluations = [[], ...jobs.map((ofStrategy) => ofStrategy.partEvaluations)];
  return {
    strategies: strategies.map((strategy, i) => ({
      ...strategy,
      partScores: strategy.partScores.map((part, worker) => {
        const row = readItemErrors(store, partEvaluations[i][worker].id);
        return { ...part, covariances: byMetric(evaluated, (find) => covarianceRow(find(row), evaluated.map(find))) };
      }),
    })),
    covariances: byMetric(evaluated, (find) => {
      const all = evaluated.map(find);
      return all.map((row) => covarianceRow(row, all));
    }),
  };
}

type Find = (evaluated: Evaluated) => ItemErrors | null;

/** A value for each metric that any evaluation has samples of. */
function byMetric<Value>(evaluated: readonly Evaluated[], valueOf: (find: Find) => Value): ByMetric<Value> {
  const found = evaluated.flat();
  const tasks = [...new Set(found.map(({ task }) => task))];
  const metricsOf = (task: string) => new Set(found.filter((one) => one.task === task).map(({ metric }) => metric));
  const finder =
    (task: string, metric: string): Find =>
    (one) =>
      one.find((errors) => errors.task === task && errors.metric === metric) ?? null;
  return Object.fromEntries(
    tasks.map((task) => [
      task,
      Object.fromEntries([...metricsOf(task)].map((metric) => [metric, valueOf(finder(task, metric))])),
    ]),
  );
}

function covarianceRow(row: ItemErrors | null, others: readonly (ItemErrors | null)[]): (number | null)[] {
  return others.map((other) => (row && other && isSame(row.items, other.items) ? covariance(row, other) : null));
}

function covariance(a: ItemErrors, b: ItemErrors): number {
  return a.deviations.reduce((sum, deviation, i) => sum + deviation * b.deviations[i], 0);
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

interface Collected {
  readonly ratio: RatioMetric;
  readonly docs: number[];
  readonly terms: Term[];
}

function readItemErrors(store: Store, id: string): Evaluated {
  const scores = (readDone(store, id)?.result ?? []) as readonly TaskScores[];
  const tasks = new Map(scores.map((score) => [score.task, collectors(score)]));
  const path = verifiedOutput(store, id, "samples.jsonl");
  for (const sample of path === null ? [] : readJsonLines<Sample>(path))
    for (const { ratio, docs, terms } of tasks.get(sample.task)?.values() ?? []) {
      docs.push(sample.doc);
      terms.push(ratio.term(sample));
    }
  return [...tasks].flatMap(([task, metrics]) =>
    [...metrics].flatMap(([metric, { ratio, docs, terms }]) => {
      const found = deviations(terms, ratio.derivative);
      const items = Float64Array.from([...docs, ...terms.map(({ weight }) => weight)]);
      return found ? [{ task, metric, items, deviations: found }] : [];
    }),
  );
}

/** For the metrics that have a standard error. */
function collectors({ kind, metrics }: TaskScores): ReadonlyMap<string, Collected> {
  return new Map(
    Object.entries(metrics).flatMap(([name, metric]): [string, Collected][] => {
      const ratio = metric.standardError === null ? null : taskKind(kind).ratioOf(name, metric);
      return ratio === null ? [] : [[name, { ratio, docs: [], terms: [] }]];
    }),
  );
}
