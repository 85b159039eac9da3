import { metricLabel, type Column } from "../columns.js";
import { formatDuration, formatShare, formatValue, missing } from "../numbers.js";
import { number, plain, word, type Cell, type Table } from "../tables/table.js";
import type { Spread } from "./spread.js";
import { seedsColumns, type SeedsFacts, type StrategyMeans } from "./summary.js";

/** The tables of the combined report: means, durations, each seed. */
export function seedsTables(facts: SeedsFacts, strategies: readonly StrategyMeans[]): Table[] {
  const columns = seedsColumns(facts);
  return [
    meansTable(strategies, columns),
    durationsTable(strategies),
    ...columns.map((column, i) => eachTable(facts, strategies, column, i)),
  ];
}

/** `0.4213`, `±0.0031` */
export function valueCell(spread: Spread | null): Cell {
  if (spread === null) return plain(missing);
  const { mean, standardError } = spread;
  return {
    text: formatValue(mean),
    error: standardError === null ? "" : `±${formatValue(standardError)}`,
    best: false,
  };
}

/** `61.4%`, `±2.3` */
export function shareCell(spread: Spread | null): Cell {
  if (spread === null) return plain(missing);
  const { mean, standardError } = spread;
  const error = standardError === null ? "" : `±${(100 * standardError).toFixed(1)}`;
  return { text: formatShare(mean), error, best: false };
}

function meansTable(strategies: readonly StrategyMeans[], columns: readonly Column[]): Table {
  const headings = columns.flatMap((column) => [
    number(`${metricLabel(column)} ${column.higherIsBetter ? "↑" : "↓"}`, column.task),
    number("preserved", column.task),
    number("gap closed", column.task),
  ]);
  return {
    id: "scores",
    title: "Scores",
    note:
      "Means over the seeds ± the standard error of the mean. Preserved improvement and gap closed are computed for " +
      "each seed from its own base, alone and vanilla, then averaged; a dash: not defined for every seed.",
    columns: [word("Strategy"), number("Share of vanilla's"), number("Exchanges"), ...headings],
    rows: strategies.map(({ name, seconds, shareOfVanilla, exchanges, scores }) => [
      plain(name),
      shareCell(shareOfVanilla),
      plain(seconds === null ? missing : String(exchanges)),
      ...columns.flatMap((column) => {
        const score = scores.find((one) => isSame(one.column, column));
        return score
          ? [valueCell(score.value), shareCell(score.preserved), shareCell(score.gapClosed)]
          : [plain(missing), plain(missing), plain(missing)];
      }),
    ]),
    view: "whole",
    file: "scores.csv",
  };
}

export function isSame(a: Column, b: Column): boolean {
  return a.task === b.task && a.metric === b.metric;
}

function durationsTable(strategies: readonly StrategyMeans[]): Table {
  return {
    id: "durations",
    title: "Strategies and durations",
    note:
      "Duration: the slowest part of each round, summed over the rounds, plus the merges and their searches of λ; " +
      "means over the seeds.",
    columns: [
      word("Strategy"),
      word("Windows and merge"),
      number("Exchanges"),
      number("Duration"),
      number("Standard deviation"),
      number("Share of vanilla's"),
    ],
    rows: strategies.map(({ name, description, seconds, shareOfVanilla, exchanges }) => [
      plain(name),
      plain(description),
      plain(seconds === null ? missing : String(exchanges)),
      plain(formatDuration(seconds?.mean ?? null)),
      plain(formatDuration(seconds?.deviation ?? null)),
      shareCell(shareOfVanilla),
    ]),
    view: "whole",
    file: "durations.csv",
  };
}

/** One row per strategy, one column per seed, then the spread. */
function eachTable({ runs }: SeedsFacts, strategies: readonly StrategyMeans[], column: Column, index: number): Table {
  const groups = ["Score", "Preserved", "Gap closed"];
  const rows = strategies.flatMap(({ name, scores }) => {
    const score = scores.find((one) => isSame(one.column, column));
    if (!score) return [];
    const { value, seeds } = score;
    const cells = [
      ...seeds.map((seed) => formatValue(seed.value)),
      value.deviation === null ? missing : formatValue(value.deviation),
      ...seeds.map(({ preserved }) => formatShare(preserved)),
      ...seeds.map(({ gapClosed }) => formatShare(gapClosed)),
    ];
    return [[plain(name), ...cells.map(plain)]];
  });
  const headings = groups.flatMap((group) => [
    ...runs.map(({ seed }) => number(`seed ${seed}`, group)),
    ...(group === "Score" ? [number("standard deviation", group)] : []),
  ]);
  return {
    id: `seeds-${index + 1}`,
    title: `${column.label} by seed`,
    note: "Each seed has its own folder with a full report.",
    columns: [word("Strategy"), ...headings],
    rows,
    view: "folded",
    file: "seeds.csv",
  };
}
