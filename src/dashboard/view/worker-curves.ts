import type { LossBand } from "../../report/figures/loss-panel.js";
import type { PlannedJob } from "../../run/graph/strategy-roles.js";
import type { LossBucket, LossSummary } from "../state/loss-summary.js";
import type { WatchedRun } from "../state/watched-run.js";

/** The rounds of a worker, one after another. */
export interface WorkerCurve {
  readonly label: string;
  /** Each round with what is added to its steps. */
  readonly rounds: readonly { readonly losses: LossSummary; readonly offset: number }[];
  readonly last: number;
}

/** Positions at which many curves are compared. */
const positions = 300;

/** The curves of the workers that have steps. */
export function workerCurves(run: WatchedRun, parts: readonly (readonly PlannedJob[])[]): WorkerCurve[] {
  const workers = Math.max(...parts.map((round) => round.length));
  const all = Array.from({ length: workers }, (_, worker) => workerCurve(run, parts, worker));
  return all.filter(({ rounds }) => rounds.length > 0);
}

function workerCurve(run: WatchedRun, parts: readonly (readonly PlannedJob[])[], worker: number): WorkerCurve {
  let last = 0;
  const rounds = parts.flatMap((round) => {
    const job = round[worker];
    const losses = job === undefined ? undefined : run.tail(job.id)?.losses;
    if (!losses?.range) return [];
    const [first, end] = losses.range;
    // A worker that keeps its optimizer counts its steps through all rounds.
    const offset = first <= last ? last : 0;
    last = Math.max(last, end + offset);
    return [{ losses, offset }];
  });
  return { label: `part ${worker + 1}`, rounds, last };
}

/** All buckets of a curve. */
export function bucketsOf(curve: WorkerCurve): LossBucket[] {
  const found: LossBucket[] = [];
  visit(curve, (bucket) => found.push({ ...bucket }));
  return found;
}

/** The mean and the range of curves, at steps of equal width over the longest. */
export function combined(curves: readonly WorkerCurve[]): { readonly mean: LossBucket[]; readonly band: LossBand } {
  const last = Math.max(1, ...curves.map((curve) => curve.last));
  const array = (value: number) => new Float64Array(positions).fill(value);
  const [steps, losses, counts, lows, highs] = [array(0), array(0), array(0), array(Infinity), array(-Infinity)];
  const add = ({ step, mean, low, high }: LossBucket) => {
    const at = Math.min(positions - 1, Math.floor((positions * (step - 1)) / last));
    steps[at] += step;
    losses[at] += mean;
    counts[at]++;
    lows[at] = Math.min(lows[at], low);
    highs[at] = Math.max(highs[at], high);
  };
  for (const curve of curves) visit(curve, add);
  const used = [...counts.keys()].filter((at) => counts[at] > 0);
  const stepAt = (at: number) => steps[at] / counts[at];
  return {
    mean: used.map((at) => pointBucket(stepAt(at), losses[at] / counts[at])),
    band: {
      label: `all ${curves.length} parts`,
      points: used.map((at) => ({ step: stepAt(at), low: lows[at], high: highs[at] })),
    },
  };
}

/** With steps that count through the rounds. The object is the same each time. */
function visit({ rounds }: WorkerCurve, act: (bucket: LossBucket) => void): void {
  const shifted = { low: 0, lowStep: 0, high: 0, highStep: 0, mean: 0, step: 0 };
  for (const { losses, offset } of rounds)
    losses.forEach((bucket) => {
      shifted.low = bucket.low;
      shifted.lowStep = bucket.lowStep + offset;
      shifted.high = bucket.high;
      shifted.highStep = bucket.highStep + offset;
      shifted.mean = bucket.mean;
      shifted.step = bucket.step + offset;
      act(shifted);
    });
}

function pointBucket(step: number, loss: number): LossBucket {
  return { step, mean: loss, low: loss, lowStep: step, high: loss, highStep: step };
}
