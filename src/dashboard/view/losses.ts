import { max, min } from "d3-array";
import type { LossPoint } from "../../report/facts.js";
import type { Figure } from "../../report/figures/figure.js";
import { lossPanel, lossScale, type LossBand, type LossLine } from "../../report/figures/loss-panel.js";
import type { PlannedJob, StrategyRoles } from "../../run/graph/strategy-roles.js";
import type { LossBucket } from "../state/loss-summary.js";
import type { WatchedRun } from "../state/watched-run.js";
import { extremes, smoothed } from "./smooth.js";
import type { ViewState } from "./view-state.js";

/** Strategies with more workers show the range of all, and their mean. */
const fewLines = 16;
/** Positions at which many lines are compared. */
const positions = 300;

interface WorkerCurve {
  readonly label: string;
  readonly buckets: readonly LossBucket[];
}

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
    title: "Training loss",
    caption:
      "Every training so far; the rounds of a worker follow one another. Of adjacent steps, the lowest and " +
      `the highest loss are drawn${smoothing > 0 ? `, faintly, and an exponential mean of weight ${smoothing}` : ""}.`,
    panels: all.map(({ name, lines, band }) => lossPanel(name, lines, y, band)),
  };
}

/** The mean loss of the parts of a strategy. */
export function meanCurve(run: WatchedRun, { parts }: StrategyRoles<PlannedJob>, smoothing: number): LossPoint[] {
  const curves = workerCurves(run, parts);
  return curves.length === 0 ? [] : smoothed(meanOf(curves), smoothing);
}

function workerCurves(run: WatchedRun, parts: readonly (readonly PlannedJob[])[]): WorkerCurve[] {
  const workers = Math.max(...parts.map((round) => round.length));
  const all = Array.from({ length: workers }, (_, worker) => workerCurve(run, parts, worker));
  return all.filter(({ buckets }) => buckets.length > 0);
}

function pretraining(run: WatchedRun, smoothing: number) {
  const job = run.plan?.pretrainJob;
  const buckets = job ? (run.tail(job.id)?.losses.buckets() ?? []) : [];
  if (buckets.length === 0) return [];
  return [{ name: "pre-training", lines: [lineOf({ label: "all layers", buckets }, smoothing)], band: null }];
}

function curvesOf(
  run: WatchedRun,
  { parts }: StrategyRoles<PlannedJob>,
  smoothing: number,
): { readonly lines: readonly LossLine[]; readonly band: LossBand | null } {
  const curves = workerCurves(run, parts);
  if (curves.length <= fewLines) return { lines: curves.map((curve) => lineOf(curve, smoothing)), band: null };
  const band = bandOf(curves);
  const mean = { label: `mean of ${curves.length} parts`, buckets: meanOf(curves) };
  return { lines: [{ label: mean.label, points: smoothed(mean.buckets, smoothing) }], band };
}

/** The rounds of a worker, one after another. */
function workerCurve(run: WatchedRun, parts: readonly (readonly PlannedJob[])[], worker: number): WorkerCurve {
  let last = 0;
  const buckets = parts.flatMap((round) => {
    const job = round[worker];
    const found = job === undefined ? [] : (run.tail(job.id)?.losses.buckets() ?? []);
    const offset = found.length > 0 && found[0].lowStep <= last ? last : 0;
    const shifted = found.map((bucket) => ({
      ...bucket,
      step: bucket.step + offset,
      lowStep: bucket.lowStep + offset,
      highStep: bucket.highStep + offset,
    }));
    last = Math.max(last, ...shifted.slice(-1).flatMap(({ lowStep, highStep }) => [lowStep, highStep]));
    return shifted;
  });
  return { label: `part ${worker + 1}`, buckets };
}

function lineOf({ label, buckets }: WorkerCurve, smoothing: number): LossLine {
  const raw = extremes(buckets);
  return smoothing === 0 ? { label, points: raw } : { label, points: smoothed(buckets, smoothing), raw };
}

/** Steps of equal width over the longest curve, with the buckets of all curves in them. */
function columnsOf(curves: readonly WorkerCurve[]): LossBucket[][] {
  const last = max(curves, ({ buckets }) => buckets.at(-1)?.step) ?? 1;
  const columns = Array.from({ length: positions }, (): LossBucket[] => []);
  for (const { buckets } of curves)
    for (const bucket of buckets)
      columns[Math.min(positions - 1, Math.floor((positions * (bucket.step - 1)) / last))].push(bucket);
  return columns.filter((column) => column.length > 0);
}

function bandOf(curves: readonly WorkerCurve[]): LossBand {
  return {
    label: `all ${curves.length} parts`,
    points: columnsOf(curves).map((column) => ({
      step: mean(column, ({ step }) => step),
      low: min(column, ({ low }) => low) as number,
      high: max(column, ({ high }) => high) as number,
    })),
  };
}

function meanOf(curves: readonly WorkerCurve[]): LossBucket[] {
  return columnsOf(curves).map((column) => {
    const step = mean(column, (bucket) => bucket.step);
    const loss = mean(column, (bucket) => bucket.mean);
    return { step, mean: loss, low: loss, lowStep: step, high: loss, highStep: step };
  });
}

function mean(column: readonly LossBucket[], of: (bucket: LossBucket) => number): number {
  return column.reduce((sum, bucket) => sum + of(bucket), 0) / column.length;
}
