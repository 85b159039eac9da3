import type { ReportFacts, StrategyFacts } from "../facts.js";
import { columns, durationShare, metricLabel } from "../columns.js";
import { measureOf, measuresOf } from "../measures/measures.js";
import { formatShare, missing } from "../numbers.js";
import {
  paperExperiments,
  paperShares,
  paperStrategies,
  type PaperExperiment,
  type PaperStrategy,
} from "../paper-numbers.js";
import { measureCell, number, plain, word, type Cell, type Table } from "./table.js";

/** This run's results for the paper's nine strategies beside those that the paper prints. */
export function paperTable(facts: ReportFacts): Table {
  const shares = columns(facts)
    .filter((column) => column.primary)
    .flatMap((column) => measuresOf(facts).map((measure) => ({ column, measure })))
    .filter(({ column, measure }) =>
      facts.strategies.some((strategy) => measureOf(facts, measure, strategy, column) !== null),
    );
  const ours = (strategy: StrategyFacts | undefined): Cell[] => [
    plain(formatShare(strategy ? durationShare(facts, strategy) : null)),
    ...shares.map(({ column, measure }) => (strategy ? measureCell(facts, measure, strategy, column) : plain(missing))),
  ];
  return {
    id: "paper",
    title: "This run and the paper",
    note:
      "Preserved improvement and duration as a share of vanilla's: in this run, and as printed in the paper (a model " +
      "with 16 layers, four parts, one round). The paper does not train one machine alone, so how much of the gap " +
      "its strategies close is not known.",
    columns: [
      word("Strategy"),
      number("duration", "this run"),
      ...shares.map(({ column, measure }) =>
        number(`${column.task}, ${metricLabel(column)}: ${measure.heading}`, "this run"),
      ),
      ...paperExperiments.flatMap(({ title, scores }) =>
        [...scores.map((score) => `${score}: preserved`), "duration"].map((heading) =>
          number(heading, `paper: ${title}`),
        ),
      ),
    ],
    rows: paperStrategies.map((name) => [
      plain(name),
      ...ours(facts.strategies.find((strategy) => strategy.name === name)),
      ...paperExperiments.flatMap((experiment) => paperCells(experiment, name)),
    ]),
    view: "whole",
    file: "paper.csv",
  };
}

function paperCells(experiment: PaperExperiment, name: PaperStrategy): Cell[] {
  return paperShares(experiment, name).map((share) => plain(formatShare(share)));
}
