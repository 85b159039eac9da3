import { formatCsv } from "../csv.js";
import type { Spread } from "./spread.js";
import type { StrategyMeans } from "./summary.js";

/** The tables of a combined report by file name. */
export function seedsCsv(strategies: readonly StrategyMeans[]): Record<string, string> {
  return { "scores.csv": means(strategies), "durations.csv": durations(strategies), "seeds.csv": seeds(strategies) };
}

const spreadNames = (name: string) => [name, `${name}_standard_deviation`, `${name}_standard_error`];
const spreadCells = (spread: Spread | null) => [
  spread?.mean ?? null,
  spread?.deviation ?? null,
  spread?.standardError ?? null,
];

function means(strategies: readonly StrategyMeans[]): string {
  const rows = strategies.flatMap(({ name, scores }) =>
    scores.map(({ column, value, preserved, gapClosed }) => [
      name,
      column.task,
      column.metric,
      column.higherIsBetter,
      value.count,
      ...[value, preserved, gapClosed].flatMap(spreadCells),
    ]),
  );
  const header = ["strategy", "task", "metric", "higher_is_better", "seeds"];
  return formatCsv([...header, ...["value", "preserved", "gap_closed"].flatMap(spreadNames)], rows);
}

function durations(strategies: readonly StrategyMeans[]): string {
  const rows = strategies.map(({ name, description, exchanges, seconds, shareOfVanilla }) => [
    name,
    description,
    exchanges,
    ...spreadCells(seconds),
    ...spreadCells(shareOfVanilla),
  ]);
  const header = ["strategy", "description", "exchanges"];
  return formatCsv([...header, ...["seconds", "share_of_vanilla"].flatMap(spreadNames)], rows);
}

function seeds(strategies: readonly StrategyMeans[]): string {
  const rows = strategies.flatMap(({ name, scores }) =>
    scores.flatMap(({ column, seeds: each }) =>
      each.map(({ seed, value, preserved, gapClosed }) => [
        name,
        column.task,
        column.metric,
        seed,
        value,
        preserved,
        gapClosed,
      ]),
    ),
  );
  return formatCsv(["strategy", "task", "metric", "seed", "value", "preserved", "gap_closed"], rows);
}
