import type { ReportFacts, StrategyFacts } from "./facts.js";
import { columns, durationShare, metricOf } from "./columns.js";
import { gapClosed, measureOf, preserved } from "./measures/measures.js";

export interface MetricSummary {
  readonly value: number;
  /** Standard error. */
  readonly error: number | null;
  readonly preserved: number | null;
  readonly preservedError: number | null;
  readonly gapClosed: number | null;
  readonly gapClosedError: number | null;
}

export interface StrategySummary {
  readonly name: string;
  /** Null for the base. */
  readonly seconds: number | null;
  readonly shareOfVanilla: number | null;
  readonly exchanges: number;
  /** Sent and received by the worker with the most traffic. */
  readonly bytes: number;
  /** By task and metric. */
  readonly scores: Readonly<Record<string, Readonly<Record<string, MetricSummary>>>>;
}

/** The results of a run for other programs, as `strata report --json` prints them. */
export interface ReportSummary {
  readonly strategies: readonly StrategySummary[];
}

export function reportSummary(facts: ReportFacts): ReportSummary {
  return {
    strategies: facts.strategies.map((strategy) => {
      const { name, seconds, exchanges, bytes } = strategy;
      const shareOfVanilla = durationShare(facts, strategy);
      const traffic = bytes.sent + bytes.received;
      return { name, seconds, shareOfVanilla, exchanges, bytes: traffic, scores: scoresOf(facts, strategy) };
    }),
  };
}

function scoresOf(facts: ReportFacts, strategy: StrategyFacts): StrategySummary["scores"] {
  const all = columns(facts);
  const metrics = (task: string) =>
    all
      .filter((column) => column.task === task)
      .flatMap((column): [string, MetricSummary][] => {
        const metric = metricOf(strategy.scores, column);
        if (!metric) return [];
        const [kept, closed] = [preserved, gapClosed].map((measure) => measureOf(facts, measure, strategy, column));
        const { value, standardError: error } = metric;
        const summary = {
          value,
          error,
          preserved: kept?.share ?? null,
          preservedError: kept?.standardError ?? null,
          gapClosed: closed?.share ?? null,
          gapClosedError: closed?.standardError ?? null,
        };
        return [[column.metric, summary]];
      });
  return Object.fromEntries(strategy.scores.map(({ task }) => [task, Object.fromEntries(metrics(task))]));
}
