import type { ReportFacts, StrategyFacts } from "../facts.js";
import { columns, type Column } from "../columns.js";
import { differenceError, measured, measureOf, type Measure } from "./measures.js";
import { meanProgress, type Progress } from "./progress.js";

/** A strategy's progress on the primary metric of each task where it is defined. */
export interface Standing {
  readonly strategy: StrategyFacts;
  readonly mean: Progress;
  readonly byColumn: readonly { readonly column: Column; readonly progress: Progress }[];
}

/**
 * Best mean first. Means include only tasks on which the measure is defined for every strategy, so they are
 * comparable.
 */
export function standings(facts: ReportFacts, measure: Measure): Standing[] {
  const all = measured(facts, measure);
  const counted = columns(facts).filter(
    (column) => column.primary && all.every((strategy) => measureOf(facts, measure, strategy, column)),
  );
  return all
    .flatMap((strategy) => {
      const byColumn = counted.map((column) => ({
        column,
        progress: measureOf(facts, measure, strategy, column) as Progress,
      }));
      const mean = meanProgress(byColumn.map(({ progress }) => progress));
      return mean ? [{ strategy, mean, byColumn }] : [];
    })
    .sort((a, b) => b.mean.share - a.mean.share);
}

/** Standard error of the difference between two means; null if one is unknown. Tasks are independent. */
export function meanDifferenceError(facts: ReportFacts, measure: Measure, a: Standing, b: Standing): number | null {
  const errors = a.byColumn.flatMap(
    ({ column }) => differenceError(facts, measure, [a.strategy, b.strategy], column) ?? [],
  );
  return errors.length === a.byColumn.length ? Math.hypot(...errors) / errors.length : null;
}
