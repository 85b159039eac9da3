import type { LossPoint } from "../../report/facts.js";
import type { Figure } from "../../report/figures/figure.js";
import { lossPanel, lossScale, type LossBand, type LossLine } from "../../report/figures/loss-panel.js";
import type { PlannedJob, StrategyRoles } from "../../run/graph/strategy-roles.js";
import type { LossBucket } from "../state/loss-summary.js";
import type { WatchedRun } from "../state/watched-run.js";
import { extremes, smoothed } from "./smooth.js";
import type { ViewState } from "./view-state.js";
import { bucketsOf, combined, workerCurves } from "./worker-curves.js";

/** Strategies with more workers show the range of all, and their mean. */
const fewLines = 16;
/** The losses of all trainings so far, a panel per strategy. */
export function lossesFigure(run: WatchedRun, { smoothing, strategy: shown }: ViewState): Figure | null {
  const drawn = (run.plan?.strategies ?? [])
    .filter(({ strategy }) => shown === null || strategy.name === shown)
    .map((roles) => ({ name: roles.strategy.name, ...curvesOf(run, roles, smoothing) }))
    .filter(({ lines, band }) => band !== null || lines.some(({ points }) => points.length > 0));
  const base = shown === null ? pretraining(run, smoothing) : [];
  const all = [...base, ...drawn];
  if (all.length === 0) return null;
  const y = lossScale(
    all.flatMap(({ lines }) => lines),
    all.flatMap(({ band }) => band ?? []),
  );
  return {
    id: "losses",
    title: "Training loss of the parts",
    caption:
      "Every training so far; the rounds of a worker follow one another. Of adjacent steps, the lowest and " +
      `the highest loss are drawn${smoothing > 0 ? `, faintly, and an exponential mean of weight ${smoothing}` : ""}.`,
    panels: all.map(({ name, lines, band }) => lossPanel(name, lines, y, band)),
  };
}

/** The mean loss of the parts of a strategy. */
export function meanCurve(run: WatchedRun, { parts }: StrategyRoles<PlannedJob>, smoothing: number): LossPoint[] {
  const curves = workerCurves(run, parts);
  return curves.length === 0 ? [] : smoothed(combined(curves).mean, smoothing);
}

function pretraining(run: WatchedRun, smoothing: number) {
  const job = run.plan?.pretrainJob;
  const buckets = job ? (run.tail(job.id)?.losses.buckets() ?? []) : [];
  if (buckets.length === 0) return [];
  return [{ name: "pre-training", lines: [lineOf("all layers", buckets, smoothing)], band: null }];
}

function curvesOf(
  run: WatchedRun,
  { parts }: StrategyRoles<PlannedJob>,
  smoothing: number,
): { readonly lines: readonly LossLine[]; readonly band: LossBand | null } {
  const curves = workerCurves(run, parts);
  if (curves.length <= fewLines)
    return { lines: curves.map((curve) => lineOf(curve.label, bucketsOf(curve), smoothing)), band: null };
  const { mean, band } = combined(curves);
  return { lines: [{ label: `mean of ${curves.length} parts`, points: smoothed(mean, smoothing) }], band };
}

function lineOf(label: string, buckets: readonly LossBucket[], smoothing: number): LossLine {
  const raw = extremes(buckets);
  return smoothing === 0 ? { label, points: raw } : { label, points: smoothed(buckets, smoothing), raw };
}
