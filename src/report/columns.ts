import type { ReportFacts, StrategyFacts } from "./facts.js";
import type { Metric, TaskScores } from "../evaluate/output/scores.js";
import type { MetricFacts } from "../evaluate/task/task-kind.js";
import { taskKind } from "../evaluate/task/task-kinds.js";

/** One metric of one task: a column of the score table, a figure. */
export interface Column {
  readonly task: string;
  readonly metric: string;
  readonly kind: TaskScores["kind"];
  readonly higherIsBetter: boolean;
  /** "answers · exact match, strict" */
  readonly label: string;
  /** True for one column per task, which the verdict and the curves use. */
  readonly primary: boolean;
}

export function metricFacts({ kind, metric }: Pick<Column, "kind" | "metric">): MetricFacts {
  return taskKind(kind).describe(metric);
}

export function metricLabel(column: Pick<Column, "kind" | "metric">): string {
  return metricFacts(column).label;
}

type Scored = { readonly strategies: readonly Pick<StrategyFacts, "scores">[] };

/** Every metric of every task that any strategy was scored on, in the order of first appearance. */
export function columns(facts: Scored): Column[] {
  const found = new Map<string, Column>();
  for (const { task, kind, metrics } of facts.strategies.flatMap(({ scores }) => scores)) {
    const names = Object.keys(metrics);
    const primary = taskKind(kind).primaryOf(names);
    for (const metric of names) {
      const key = JSON.stringify([task, metric]);
      if (found.has(key)) continue;
      const label = `${task} · ${metricLabel({ kind, metric })}`;
      found.set(key, {
        task,
        metric,
        kind,
        higherIsBetter: metrics[metric].higherIsBetter,
        label,
        primary: metric === primary,
      });
    }
  }
  return [...found.values()];
}

/** The columns without those that restate another, as perplexity restates the loss; the CSV files have all. */
export function shownColumns(facts: Scored): Column[] {
  const all = columns(facts);
  return all.filter((column) => {
    const { restates } = metricFacts(column);
    return restates === null || !all.some((other) => other.task === column.task && other.metric === restates);
  });
}

export function metricOf(scores: readonly TaskScores[], { task, metric }: Column): Metric | null {
  return scores.find((score) => score.task === task)?.metrics[metric] ?? null;
}

export function baseOf(facts: ReportFacts): StrategyFacts | null {
  return facts.strategies.find(({ seconds }) => seconds === null) ?? null;
}

export function vanillaOf(facts: ReportFacts): StrategyFacts | null {
  return facts.strategies.find(({ name }) => name === "vanilla") ?? null;
}

/** One machine with its share of the data and of the time: what strategies with several machines have to beat. */
export function aloneOf(facts: ReportFacts): StrategyFacts | null {
  return facts.strategies.find(({ name }) => name === "alone") ?? null;
}

/** The strategies without base and vanilla. */
export function candidates(facts: ReportFacts): StrategyFacts[] {
  return facts.strategies.filter((strategy) => strategy !== baseOf(facts) && strategy !== vanillaOf(facts));
}

/** Duration as a share of vanilla's; null for the base or without vanilla. */
export function durationShare(facts: ReportFacts, strategy: StrategyFacts): number | null {
  const vanilla = vanillaOf(facts)?.seconds;
  return strategy.seconds === null || !vanilla ? null : strategy.seconds / vanilla;
}
