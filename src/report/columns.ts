import type { ReportFacts, StrategyFacts } from "./facts.js";
import type { Metric, TaskScores } from "../evaluate/output/scores.js";
import { preserved, type Preserved } from "./preserved.js";

/** One metric of one task: a column of the score table, a figure. */
export interface Column {
  readonly task: string;
  readonly metric: string;
  readonly kind: TaskScores["kind"];
  readonly higherIsBetter: boolean;
  /** "answers · strict match" */
  readonly label: string;
  /** One per task: what the verdict and the figures of the way use. */
  readonly primary: boolean;
}

const metricLabels: Readonly<Record<string, string>> = {
  loss: "loss",
  perplexity: "perplexity",
  acc: "accuracy",
  acc_norm: "normalized accuracy",
  "exact_match,strict-match": "exact match, strict",
  "exact_match,flexible-extract": "exact match, flexible",
};

/** As in the paper: validation loss, normalized accuracy, strict exact match. */
const primaryMetrics: Readonly<Record<TaskScores["kind"], string>> = {
  loss: "loss",
  "multiple-choice": "acc_norm",
  "exact-match": "exact_match,strict-match",
};

export function metricLabel(metric: string): string {
  return metricLabels[metric] ?? metric;
}

type Scored = { readonly strategies: readonly Pick<StrategyFacts, "scores">[] };

/** Every metric of every task that any strategy was scored on, in the order of first appearance. */
export function columns(facts: Scored): Column[] {
  const found = new Map<string, Column>();
  for (const { task, kind, metrics } of facts.strategies.flatMap(({ scores }) => scores)) {
    const names = Object.keys(metrics);
    const primary = names.includes(primaryMetrics[kind]) ? primaryMetrics[kind] : names[0];
    for (const metric of names) {
      const key = JSON.stringify([task, metric]);
      if (found.has(key)) continue;
      const label = `${task} · ${metricLabel(metric)}`;
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

/** The columns but perplexity where it only says again, as its exponential, what the loss says: the CSV files have it. */
export function shownColumns(facts: Scored): Column[] {
  const all = columns(facts);
  return all.filter(
    ({ task, metric }) =>
      metric !== "perplexity" || !all.some((other) => other.task === task && other.metric === "loss"),
  );
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

/** The strategies to be judged: all but base and vanilla. */
export function rivals(facts: ReportFacts): StrategyFacts[] {
  return facts.strategies.filter((strategy) => strategy !== baseOf(facts) && strategy !== vanillaOf(facts));
}

/** Null where it is not defined or a score is missing. */
export function preservedOf(facts: ReportFacts, strategy: StrategyFacts, column: Column): Preserved | null {
  const [base, vanilla] = [baseOf(facts), vanillaOf(facts)];
  const metrics = [base, vanilla, strategy].map((of) => of && metricOf(of.scores, column));
  const [b, v, s] = metrics;
  return b && v && s ? preserved(b, v, s) : null;
}

/** Share of vanilla's duration, or null without one. */
export function durationShare(facts: ReportFacts, strategy: StrategyFacts): number | null {
  const vanilla = vanillaOf(facts)?.seconds;
  return strategy.seconds === null || !vanilla ? null : strategy.seconds / vanilla;
}
