import { StrataError } from "../../errors/strata-error.js";
import { formatCsv } from "../../report/csv.js";
import { columns, type Column } from "../../report/columns.js";
import { chosenColumn, resultColumns, resultHeadings, resultsOf, type MetricChoice, type Result } from "../results.js";
import { recipeDifferences, type Difference } from "./differences.js";
import type { FinishedRun } from "./finished-run.js";

/** Runs side by side in one metric. */
export interface Comparison {
  readonly evaluation: string;
  readonly metric: string;
  readonly label: string;
  readonly higherIsBetter: boolean;
  readonly differences: readonly Difference[];
  readonly runs: readonly { readonly name: string; readonly seeds: readonly number[] }[];
  /** The union of the strategies, in the order of the runs. */
  readonly strategies: readonly {
    readonly name: string;
    /** One per run; null where the run does not have the strategy or the score. */
    readonly results: readonly (Result | null)[];
  }[];
}

/**
 * @param runs  at least one
 * @throws StrataError if no run has the chosen metric
 */
export function compareRuns(runs: readonly FinishedRun[], choice: MetricChoice): Comparison {
  const column = columnOf(runs, choice);
  const results = runs.map((run) => resultsOf(run.runs, column));
  const names = [...new Set(results.flatMap((ofRun) => ofRun.map(({ strategy }) => strategy)))];
  return {
    evaluation: column.task,
    metric: column.metric,
    label: column.label,
    higherIsBetter: column.higherIsBetter,
    differences: recipeDifferences(runs.map(({ recipe }) => recipe)),
    runs: runs.map(({ name, runs: ofSeeds }) => ({ name, seeds: ofSeeds.map(({ seed }) => seed) })),
    strategies: names.map((name) => ({
      name,
      results: results.map((ofRun) => ofRun.find(({ strategy }) => strategy === name) ?? null),
    })),
  };
}

function columnOf(runs: readonly FinishedRun[], choice: MetricChoice): Column {
  const facts = runs.flatMap((run) => run.runs.slice(0, 1));
  const found = facts.map((one) => chosenColumn(one, choice)).find((column) => column !== null);
  if (found) return found;
  const known = [...new Set(facts.flatMap((one) => columns(one).map(({ task, metric }) => `${task}: ${metric}`)))];
  throw new StrataError("ReportError", {
    where: "the evaluation to compare",
    expected: known.length > 0 ? `one of ${known.join("; ")}` : "runs with an evaluation",
    got: [choice.evaluation, choice.metric].filter((name) => name !== null).join(": ") || "none",
    hint: "Choose with --evaluation and --metric.",
  });
}

/** One line per run and strategy; numbers in full precision. */
export function comparisonCsv({ evaluation, metric, runs, strategies }: Comparison): string {
  const rows = runs.flatMap(({ name }, i) =>
    strategies.flatMap(({ name: strategy, results }) => {
      const result = results[i];
      if (result === null) return [];
      return [[name, strategy, evaluation, metric, ...resultColumns.map(([, of]) => of(result))]];
    }),
  );
  return formatCsv(["run", "strategy", "evaluation", "metric", ...resultHeadings], rows);
}
