import type { ReportFacts, StrategyFacts } from "../facts.js";
import { aloneOf, candidates, durationShare, metricLabel, metricOf, shownColumns, type Column } from "../columns.js";
import { gapClosed, measuresOf } from "../measures/measures.js";
import { formatDuration, formatShare } from "../numbers.js";
import { measureCell, number, plain, scoreCell, word, type Cell, type Table } from "./table.js";

/** Scores, preserved improvement (the paper's figures 3, 5, 6 and 7) and gap closed. */
export function scoreTable(facts: ReportFacts): Table {
  const all = shownColumns(facts);
  const measures = measuresOf(facts);
  const compared = candidates(facts).filter((strategy) => strategy !== aloneOf(facts));
  const best = all.map((column) => bestValue(compared, column));
  const row = (strategy: StrategyFacts) => [
    plain(strategy.name),
    plain(formatDuration(strategy.seconds)),
    plain(formatShare(durationShare(facts, strategy))),
    ...all.flatMap((column, index): Cell[] => {
      const metric = metricOf(strategy.scores, column);
      const isBest = compared.length > 1 && compared.includes(strategy) && metric?.value === best[index];
      const shares = measures.map((measure) => measureCell(facts, measure, strategy, column, isBest));
      return [scoreCell(metric, isBest), ...shares];
    }),
  ];
  const headings = (column: Column) => [
    number(`${metricLabel(column)} ${column.higherIsBetter ? "↑" : "↓"}`, column.task),
    ...measures.map(({ heading }) => number(heading, column.task)),
  ];
  return {
    id: "scores",
    title: "Scores",
    note:
      "Scores ± standard error. Preserved: the share of vanilla's improvement over the base, ± its standard error in " +
      "percentage points. " +
      (measures.includes(gapClosed)
        ? "Gap closed: the share of the distance from one machine alone to vanilla; below 0%, the strategy is worse " +
          "than one machine alone. "
        : "") +
      "The best strategy of each column is bold.",
    columns: [word("Strategy"), number("Duration"), number("Share of vanilla's"), ...all.flatMap(headings)],
    rows: facts.strategies.map(row),
    view: "whole",
    file: "scores.csv",
  };
}

function bestValue(compared: readonly StrategyFacts[], column: Column): number | null {
  const values = compared.flatMap(({ scores }) => metricOf(scores, column)?.value ?? []);
  if (values.length === 0) return null;
  return column.higherIsBetter ? Math.max(...values) : Math.min(...values);
}
