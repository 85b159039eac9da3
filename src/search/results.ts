import { candidates, columns, durationShare, metricOf, preservedOf, type Column } from "../report/columns.js";
import type { ReportFacts, StrategyFacts } from "../report/facts.js";
import { exchangesOf, gapClosedOf } from "../report/seeds/gap.js";
import { summarizeSeeds, type StrategySummary } from "../report/seeds/summary.js";

/** A strategy in one metric. Errors are standard errors: over items, or over the seeds of a run with several. */
export interface Result {
  readonly strategy: string;
  readonly value: number;
  readonly error: number | null;
  /** Shares; null where they are not defined. */
  readonly preserved: number | null;
  readonly preservedError: number | null;
  readonly gapClosed: number | null;
  readonly gapClosedError: number | null;
  /** Null for the base. */
  readonly seconds: number | null;
  readonly shareOfVanilla: number | null;
  readonly exchanges: number;
}

/** The results of a run's strategies that were scored in a metric. @param runs  one per seed */
export function resultsOf(runs: readonly ReportFacts[], column: Column): Result[] {
  const [facts] = runs;
  if (runs.length === 1) return facts.strategies.flatMap((strategy) => resultOf(facts, strategy, column) ?? []);
  return summarizeSeeds({ name: facts.name, runs }).flatMap((summary) => meanResult(summary, column) ?? []);
}

export function resultOf(facts: ReportFacts, strategy: StrategyFacts, column: Column): Result | null {
  const metric = metricOf(strategy.scores, column);
  if (metric === null) return null;
  const kept = candidates(facts).includes(strategy) ? preservedOf(facts, strategy, column) : null;
  const gap = gapClosedOf(facts, strategy, column);
  return {
    strategy: strategy.name,
    value: metric.value,
    error: metric.standardError,
    preserved: kept?.share ?? null,
    preservedError: kept?.standardError ?? null,
    gapClosed: gap?.share ?? null,
    gapClosedError: gap?.standardError ?? null,
    seconds: strategy.seconds,
    shareOfVanilla: durationShare(facts, strategy),
    exchanges: exchangesOf(strategy),
  };
}

function meanResult(summary: StrategySummary, { task, metric }: Column): Result | null {
  const score = summary.scores.find(({ column }) => column.task === task && column.metric === metric);
  if (!score) return null;
  const { value, preserved, gapClosed } = score;
  return {
    strategy: summary.name,
    value: value.mean,
    error: value.standardError,
    preserved: preserved?.mean ?? null,
    preservedError: preserved?.standardError ?? null,
    gapClosed: gapClosed?.mean ?? null,
    gapClosedError: gapClosed?.standardError ?? null,
    seconds: summary.seconds?.mean ?? null,
    shareOfVanilla: summary.shareOfVanilla?.mean ?? null,
    exchanges: summary.exchanges,
  };
}

/** What to look at: null for the first evaluation, or its primary metric. */
export interface MetricChoice {
  readonly evaluation: string | null;
  readonly metric: string | null;
}

/** The column that a choice names; null if the run has no such score. */
export function chosenColumn(facts: ReportFacts, { evaluation, metric }: MetricChoice): Column | null {
  const ofTask = columns(facts).filter(({ task }, _, [first]) => task === (evaluation ?? first.task));
  return ofTask.find((column) => (metric === null ? column.primary : column.metric === metric)) ?? null;
}

/** The numbers of a result in CSV files. */
export const resultColumns: readonly (readonly [name: string, of: (result: Result) => number | null])[] = [
  ["value", ({ value }) => value],
  ["error", ({ error }) => error],
  ["preserved", ({ preserved }) => preserved],
  ["preserved_error", ({ preservedError }) => preservedError],
  ["gap_closed", ({ gapClosed }) => gapClosed],
  ["gap_closed_error", ({ gapClosedError }) => gapClosedError],
  ["seconds", ({ seconds }) => seconds],
  ["share_of_vanilla", ({ shareOfVanilla }) => shareOfVanilla],
  ["exchanges", ({ exchanges }) => exchanges],
];

export const resultHeadings: readonly string[] = resultColumns.map(([name]) => name);
