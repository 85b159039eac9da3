import { columns, type Column } from "../report/columns.js";
import type { ReportFacts } from "../report/facts.js";
import { seedsJson } from "../report/seeds/seeds-json.js";
import { reportSummary, type StrategySummary } from "../report/summary.js";

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
  /** Sent and received by the worker with the most traffic. */
  readonly bytes: number;
}

/** The results of a run's strategies that were scored in a metric. @param runs  one per seed */
export function resultsOf(runs: readonly ReportFacts[], column: Column): Result[] {
  const [facts] = runs;
  const { strategies } = runs.length === 1 ? reportSummary(facts) : seedsJson({ name: facts.name, runs });
  return strategies.flatMap((strategy) => resultOf(strategy, column) ?? []);
}

function resultOf(strategy: StrategySummary, { task, metric }: Column): Result | null {
  const score = strategy.scores[task]?.[metric];
  if (score === undefined) return null;
  const { name, seconds, shareOfVanilla, exchanges, bytes } = strategy;
  const { value, error, preserved, preservedError, gapClosed, gapClosedError } = score;
  const shares = { preserved, preservedError, gapClosed, gapClosedError };
  return { strategy: name, value, error, ...shares, seconds, shareOfVanilla, exchanges, bytes };
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
  ["bytes", ({ bytes }) => bytes],
];

export const resultHeadings: readonly string[] = resultColumns.map(([name]) => name);
