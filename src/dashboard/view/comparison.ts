import { group } from "d3-array";
import { metricOf, shownColumns } from "../../report/columns.js";
import { formatCsv, scoreCells } from "../../report/csv.js";
import type { Figure } from "../../report/figures/figure.js";
import { lossPanel, lossScale, type LossLine } from "../../report/figures/loss-panel.js";
import { formatMetric } from "../../report/numbers.js";
import { number, plain, word, type Table } from "../../report/tables/table.js";
import type { WatchedRun } from "../state/watched-run.js";
import { meanCurve } from "./losses.js";
import type { ViewState } from "./view-state.js";

/** The mean losses of strategies, overlaid: a panel per strategy with a line per run, or the reverse. */
export function comparedLosses(
  runs: readonly WatchedRun[],
  { by, smoothing, strategy: shown }: ViewState,
): Figure | null {
  const curves = runs.flatMap((run) =>
    (run.plan?.strategies ?? [])
      .filter(({ strategy }) => shown === null || strategy.name === shown)
      .map((roles) => ({ run: run.name, strategy: roles.strategy.name, points: meanCurve(run, roles, smoothing) }))
      .filter(({ points }) => points.length > 0),
  );
  if (curves.length === 0) return null;
  const [panel, line] = by === "strategy" ? (["strategy", "run"] as const) : (["run", "strategy"] as const);
  const panels = group(curves, (curve) => curve[panel]);
  // A run, or a strategy, looks the same in all panels.
  const labels = [...new Set(curves.map((curve) => curve[line]))];
  const linesOf = (some: typeof curves): LossLine[] =>
    some.map(({ points, [line]: label }) => ({ label, points, look: labels.indexOf(label) }));
  const y = lossScale(linesOf(curves));
  return {
    id: "compared-losses",
    title: "Training loss of all runs",
    caption: `The mean over the parts of each strategy; a panel per ${panel}, a line per ${line}.`,
    panels: [...panels].map(([name, some]) => lossPanel(name, linesOf(some), y)),
  };
}

/** The scores of finished strategies: a row per strategy and run. */
export function comparedScores(runs: readonly WatchedRun[], { by }: ViewState): Table | null {
  const scored = runs.flatMap(({ name, facts: { finished } }) =>
    (finished?.strategies ?? []).map((strategy) => ({ run: name, strategy })),
  );
  if (scored.length === 0) return null;
  const columns = shownColumns({ strategies: scored.map(({ strategy }) => strategy) });
  const key = ({ run, strategy }: (typeof scored)[number]) => (by === "strategy" ? strategy.name : run);
  const rows = [...group(scored, key).values()].flat();
  return {
    id: "compared-scores",
    title: "Scores of all runs",
    note: "Finished strategies only.",
    columns: [word("Strategy"), word("Run"), ...columns.map(({ label }) => number(label))],
    rows: rows.map(({ run, strategy }) => [
      plain(strategy.name),
      plain(run),
      ...columns.map((column) => plain(formatMetric(metricOf(strategy.scores, column)))),
    ]),
    view: "scrolls",
    file: "scores.csv",
  };
}

/** The address of the scores of all runs as CSV. */
export const comparedScoresPath = "/compared/scores.csv";

/** The scores of all finished strategies: a row per run, strategy and metric. */
export function comparedScoresCsv(runs: readonly WatchedRun[]): string {
  const rows = runs.flatMap(({ name: run, facts: { finished } }) =>
    (finished?.strategies ?? []).flatMap(({ name, scores }) =>
      scoreCells(scores).map((cells) => [run, name, ...cells]),
    ),
  );
  return formatCsv(["run", "strategy", "task", "metric", "value", "standard_error"], rows);
}
