import { formatError, formatPoints, formatShare, formatValue, missing } from "../numbers.js";
import type { Metric } from "../../evaluate/output/scores.js";
import type { ReportFacts, StrategyFacts } from "../facts.js";
import { metricOf, type Column } from "../columns.js";
import { measured, measureOf, type Measure } from "../measures/measures.js";
import type { Progress } from "../measures/progress.js";

/** A table of text cells, for HTML and Markdown. */
export interface Table {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  /** Adjacent columns with the same `group` share a heading; "" for none. */
  readonly columns: readonly TableColumn[];
  /** Without rows, only the title and the note are shown. */
  readonly rows: readonly (readonly Cell[])[];
  /**
   * `scrolls`: a page shows it in a box of limited height. `folded`: it belongs to the table before, and a page shows
   * it on request.
   */
  readonly view: "whole" | "scrolls" | "folded";
  /** The name of the CSV file with these numbers in full precision. */
  readonly file: string;
}

interface TableColumn {
  readonly group: string;
  readonly heading: string;
  readonly numeric: boolean;
}

export interface Cell {
  readonly text: string;
  /** "±0.0121": the standard error of the number in `text`, or "". */
  readonly error: string;
  /** Whether this is the best strategy of its column. */
  readonly best: boolean;
}

/** The CSV file of a table, relative to the report. */
export const tablePath = ({ file }: Table) => `tables/${file}`;

export const plain = (text: string): Cell => ({ text, error: "", best: false });
export const word = (heading: string): TableColumn => ({ group: "", heading, numeric: false });
export const number = (heading: string, group = ""): TableColumn => ({ group, heading, numeric: true });

export function scoreCell(metric: Metric | null, best = false): Cell {
  return { text: metric ? formatValue(metric.value) : missing, error: formatError(metric), best };
}

/** A dash for a strategy that the measure does not apply to. */
export function measureCell(
  facts: ReportFacts,
  measure: Measure,
  strategy: StrategyFacts,
  column: Column,
  best = false,
): Cell {
  if (!measured(facts, measure).includes(strategy)) return plain(missing);
  return progressCell(measureOf(facts, measure, strategy, column), metricOf(strategy.scores, column), best);
}

/** A dash without a score; "not defined" where the score has no progress. */
export function progressCell(progress: Progress | null, metric: Metric | null, best = false): Cell {
  if (metric === null) return plain(missing);
  if (progress === null) return plain("not defined");
  const { share, standardError } = progress;
  return { text: formatShare(share), error: standardError === null ? "" : `±${formatPoints(standardError)}`, best };
}
