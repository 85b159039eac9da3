import type { ComputeDType } from "../../device/kernels.js";
import type { PlannedPart } from "../../plan/plan-parts.js";
import type { Strategy } from "../../plan/strategy.js";
import type { Job, JobInput } from "../../jobs/job.js";
import type { EvaluateParameters } from "../kinds/evaluate.js";
import type { MergeParameters } from "../kinds/merge.js";
import { checkpointPath, snapshotName, type Amount, type TrainParameters } from "../kinds/train.js";
import type { ExecutionOptions, TrainingSettings } from "../../train/settings.js";
import { createJob } from "../kinds/job-kinds.js";
import { formatWindow } from "../../model/config/window.js";

/** The jobs of one strategy, by their part in it. */
export interface StrategyJobs {
  readonly strategy: Strategy;
  /** [round][worker] */
  readonly planned: readonly (readonly PlannedPart[])[];
  /** [round][worker] */
  readonly parts: readonly (readonly Job[])[];
  /** One per round; none where a single part is the model already. */
  readonly merges: readonly Job[];
  readonly evaluation: Job;
  readonly curve: readonly CurvePoint[];
}

/** The strategy's model after a share of its way: what it scores there, and the merge that made it, if any. */
export interface CurvePoint {
  readonly fraction: number;
  readonly merge: Job | null;
  readonly evaluation: Job;
}

export interface StrategyInputs {
  /** The model that all strategies start from. */
  readonly base: JobInput;
  readonly data: JobInput;
  readonly shardCount: number;
  readonly amount: Amount;
  readonly settings: TrainingSettings;
  readonly dtype: ComputeDType;
  readonly options: ExecutionOptions;
  readonly curve: readonly number[];
  readonly evaluation: EvaluateParameters;
  /** FLOPs of vanilla's training, and of an evaluation: for progress. */
  readonly vanillaWork: number;
  readonly evaluationWork: number;
}

const model = (job: Job): JobInput => ({ job: job.id, path: "model" });

export function evaluationJob(title: string, input: JobInput, parameters: EvaluateParameters, flops: number): Job {
  return createJob({
    kind: "evaluate",
    title: `evaluate ${title}`,
    parameters,
    inputs: { model: input },
    flops,
    exclusive: false,
  });
}

/**
 * Rounds × workers of training, a merge after each round, and the evaluations.
 *
 * @param planned  the strategy's parts, [round][worker]
 */
export function strategyJobs(
  strategy: Strategy,
  planned: StrategyJobs["planned"],
  inputs: StrategyInputs,
): StrategyJobs {
  const parts: Job[][] = [];
  const merges: Job[] = [];
  let start = inputs.base;
  for (const [round, ofRound] of planned.entries()) {
    const jobs = ofRound.map((part) => partJob(strategy, part, inputs, start, parts[round - 1]));
    parts.push(jobs);
    if (jobs.length === 1) start = model(jobs[0]);
    else {
      merges.push(mergeJob(strategy, ofRound, start, jobs.map(model), merges[round - 1] ?? null));
      start = model(merges[round]);
    }
  }
  const evaluation = evaluationJob(strategy.name, start, inputs.evaluation, inputs.evaluationWork);
  return { strategy, planned, parts, merges, evaluation, curve: curvePoints(strategy, planned, inputs, parts, merges) };
}

function partJob(
  strategy: Strategy,
  part: PlannedPart,
  inputs: StrategyInputs,
  start: JobInput,
  before: readonly Job[] = [],
): Job {
  const { window, shards, round, worker } = part;
  const parameters: TrainParameters = {
    window,
    shards,
    shardCount: inputs.shardCount,
    amount: inputs.amount,
    settings: inputs.settings,
    dtype: inputs.dtype,
    round,
    rounds: strategy.rounds,
    snapshots: strategy.rounds === 1 ? inputs.curve : [],
  };
  const previous = before[worker];
  const goesOn = previous !== undefined && strategy.keepOptimizerState && !strategy.rotate;
  const roundText = strategy.rounds > 1 ? `, round ${round + 1}` : "";
  const shardText = strategy.windows.length === 1 ? "all shards" : `shard ${shards[0] + 1}`;
  return createJob({
    kind: "train",
    title: `train layers ${formatWindow(window)} on ${shardText}${roundText}`,
    parameters,
    options: inputs.options,
    inputs: {
      start,
      data: inputs.data,
      ...(goesOn ? { previous: { job: previous.id, path: checkpointPath } } : {}),
    },
    flops: inputs.vanillaWork * part.work,
    exclusive: false,
  });
}

function mergeJob(
  strategy: Strategy,
  planned: readonly PlannedPart[],
  base: JobInput,
  parts: readonly JobInput[],
  before: Job | null,
): Job {
  const parameters: MergeParameters = { windows: planned.map(({ window }) => window), settings: strategy.merge };
  const hasMomentum = before !== null && strategy.merge.outerOptimizer !== null;
  return createJob({
    kind: "merge",
    title: `merge ${strategy.name}${strategy.rounds > 1 ? `, round ${planned[0].round + 1}` : ""}`,
    parameters,
    inputs: {
      base,
      ...Object.fromEntries(parts.map((part, i) => [`part-${i}`, part])),
      ...(hasMomentum ? { momentum: { job: before.id, path: "model/momentum.safetensors" } } : {}),
    },
    flops: 0,
    exclusive: false,
  });
}

function curvePoints(
  strategy: Strategy,
  planned: StrategyJobs["planned"],
  inputs: StrategyInputs,
  parts: readonly (readonly Job[])[],
  merges: readonly Job[],
): CurvePoint[] {
  const evaluation = (fraction: number, input: JobInput) =>
    evaluationJob(
      `${strategy.name} at ${Math.round(100 * fraction)} %`,
      input,
      inputs.evaluation,
      inputs.evaluationWork,
    );
  if (strategy.rounds > 1) {
    return parts.slice(0, -1).map((jobs, round) => {
      const fraction = (round + 1) / strategy.rounds;
      return { fraction, merge: null, evaluation: evaluation(fraction, model(merges[round] ?? jobs[0])) };
    });
  }
  return inputs.curve.map((fraction) => {
    const snapshots = parts[0].map(({ id }) => ({ job: id, path: `snapshots/${snapshotName(fraction)}` }));
    if (snapshots.length === 1) return { fraction, merge: null, evaluation: evaluation(fraction, snapshots[0]) };
    const named = { ...strategy, name: `${strategy.name} at ${Math.round(100 * fraction)} %` };
    const merge = mergeJob(named, planned[0], inputs.base, snapshots, null);
    return { fraction, merge, evaluation: evaluation(fraction, model(merge)) };
  });
}
