import type { PartFacts, ReportFacts } from "../facts.js";
import { metricLabel, metricOf, shownColumns } from "../columns.js";
import { measureScored, measuresOf } from "../measures/measures.js";
import { formatCount, formatDuration, missing } from "../numbers.js";
import { number, plain, progressCell, scoreCell, word, type Table } from "./table.js";

/** All trained parts. */
export function partsTable(facts: ReportFacts): Table {
  const rows = facts.strategies.flatMap(({ name, parts }) =>
    parts.map((part) =>
      [
        name,
        String(part.round + 1),
        String(part.worker + 1),
        part.window,
        formatCount(part.layersTrained),
        formatCount(part.tokens),
        formatDuration(part.seconds),
        formatCount(part.threads),
        finalLoss(part),
        part.shared ? "yes" : "no",
      ].map(plain),
    ),
  );
  return {
    id: "parts",
    title: "Parts",
    note:
      "All trained parts. Layers are half-open ranges: 4-8 means layers 4 to 7, counted from 0. The last loss is the " +
      "training loss of the last recorded step. Shared: an earlier strategy contains the same part, which was " +
      "trained once for both.",
    columns: [
      word("Strategy"),
      number("Round"),
      number("Part"),
      word("Layers"),
      number("Layers trained"),
      number("Tokens"),
      number("Duration"),
      number("Threads"),
      number("Last loss"),
      word("Shared"),
    ],
    rows,
    view: "scrolls",
    file: "parts.csv",
  };
}

function finalLoss({ losses }: PartFacts): string {
  const last = losses[losses.length - 1];
  return last ? last.loss.toFixed(4) : missing;
}

/** The scores of the parts before their merge, below those of the merged model; null if no parts are evaluated. */
export function partScoresTable(facts: ReportFacts): Table | null {
  const strategies = facts.strategies.filter(({ partScores }) => partScores.length > 1);
  if (strategies.length === 0) return null;
  const all = shownColumns(facts);
  const measures = measuresOf(facts);
  const rows = strategies.flatMap((strategy) =>
    [
      { part: "merged", scored: strategy },
      ...strategy.partScores.map((part) => ({ part: String(part.worker + 1), scored: part })),
    ].map(({ part, scored }) => [
      plain(strategy.name),
      plain(part),
      ...all.flatMap((column) => {
        const metric = metricOf(scored.scores, column);
        return [
          scoreCell(metric),
          ...measures.map((measure) => progressCell(measureScored(facts, measure, scored, column), metric)),
        ];
      }),
    ]),
  );
  return {
    id: "part-scores",
    title: "Scores of the parts",
    note:
      "The model of each part of the last round, scored before the merge, below the merged model. Where a part " +
      "scores better, the merge did harm.",
    columns: [
      word("Strategy"),
      word("Part"),
      ...all.flatMap((column) => [
        number(`${metricLabel(column)} ${column.higherIsBetter ? "↑" : "↓"}`, column.task),
        ...measures.map(({ heading }) => number(heading, column.task)),
      ]),
    ],
    rows,
    view: "scrolls",
    file: "part-scores.csv",
  };
}
