import type { ComputeDType } from "../../device/kernels.js";
import type { PlannedPart } from "../../plan/plan-parts.js";
import type { Strategy } from "../../plan/strategy.js";
import type { Job, JobInput } from "../../jobs/job.js";
import type { EvaluateParameters } from "../kinds/evaluate.js";
import type { MergeParameters } from "../kinds/merge.js";
import { checkpointPath, snapshotName, type Amount, type TrainParameters } from "../kinds/train.js";
import { mergeSettings } from "../../merge/settings.js";
import type { ExecutionOptions, TrainingSettings } from "../../train/settings.js";
import { createJob } from "../kinds/job-kinds.js";
import { formatWindow } from "../../model/config/window.js";
import { evaluationJob } from "./evaluation-jobs.js";
import { asInput } from "./job-input.js";
import { searchJobs, type SearchInputs, type SearchJobs } from "./search-jobs.js";

/** The jobs of one strategy, by role. */
export interface StrategyJobs {
  readonly strategy: Strategy;
  /** [round][worker] */
  readonly planned: readonly (readonly PlannedPart[])[];
  /** [round][worker] */
  readonly parts: readonly (readonly Job[])[];
  /** One per round; empty for a single part, which needs no merge. */
  readonly merges: readonly Job[];
  /** The search of λ after each merge; empty if the strategy gives λ. */
  readonly searches: readonly SearchJobs[];
  readonly evaluation: Job;
  readonly curve: readonly CurvePoint[];
}

/** An evaluation during training: of the strategy's model after `fraction` of its steps. */
export interface CurvePoint {
  readonly fraction: number;
  /** Merges the parts' snapshots; null where the model exists already. */
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
  readonly search: SearchInputs;
  /** Estimated FLOPs of vanilla's training and of an evaluation, for progress and time estimates. */
  readonly vanillaFlops: number;
  readonly evaluationFlops: number;
}

const model = (job: Job): JobInput => asInput(job, "model");

/**
 * For each round the training of each worker and a merge; then the evaluations.
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
  const searches: SearchJobs[] = [];
  let start = inputs.base;
  for (const [round, ofRound] of planned.entries()) {
    const jobs = ofRound.map((part) => partJob(strategy, part, inputs, start, parts[round - 1]));
    parts.push(jobs);
    if (jobs.length === 1) start = model(jobs[0]);
    else {
      merges.push(mergeJob(strategy, ofRound, start, jobs.map(model), merges[round - 1] ?? null));
      const merged = model(merges[round]);
      const models = { base: start, merged, parts: jobs.length };
      const search = searchJobs(strategy.name + roundText(strategy, round), strategy.merge, models, inputs.search);
      if (search !== null) searches.push(search);
      start = search === null ? merged : model(search.search);
    }
  }
  const evaluation = evaluationJob(strategy.name, start, inputs.evaluation, inputs.evaluationFlops);
  const finals = searches.length > 0 ? searches.map(({ search }) => search) : merges;
  const curve = curvePoints(strategy, planned, inputs, parts, finals);
  return { strategy, planned, parts, merges, searches, evaluation, curve };
}

function roundText({ rounds }: Strategy, round: number): string {
  return rounds > 1 ? `, round ${round + 1}` : "";
}

function partJob(
  strategy: Strategy,
  part: PlannedPart,
  inputs: StrategyInputs,
  start: JobInput,
  previousRound: readonly Job[] = [],
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
  const previous = previousRound[worker];
  const continues = previous !== undefined && strategy.keepOptimizerState && !strategy.rotate;
  const shardText = strategy.windows.length === 1 ? "all shards" : `shard ${shards[0] + 1}`;
  return createJob({
    kind: "train",
    title: `train layers ${formatWindow(window)} on ${shardText}${roundText(strategy, round)}`,
    parameters,
    options: inputs.options,
    inputs: {
      start,
      data: inputs.data,
      ...(continues ? { previous: { job: previous.id, path: checkpointPath } } : {}),
    },
    flops: inputs.vanillaFlops * part.work,
    exclusive: false,
  });
}

function mergeJob(
  strategy: Strategy,
  planned: readonly PlannedPart[],
  base: JobInput,
  parts: readonly JobInput[],
  previousMerge: Job | null,
): Job {
  const parameters: MergeParameters = {
    windows: planned.map(({ window }) => window),
    settings: mergeSettings(strategy.merge),
  };
  const hasMomentum = previousMerge !== null && strategy.merge.outerOptimizer !== null;
  return createJob({
    kind: "merge",
    title: `merge ${strategy.name}${roundText(strategy, planned[0].round)}`,
    parameters,
    inputs: {
      base,
      ...Object.fromEntries(parts.map((part, i) => [`part-${i}`, part])),
      ...(hasMomentum ? { momentum: { job: previousMerge.id, path: "model/momentum.safetensors" } } : {}),
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
  models: readonly Job[],
): CurvePoint[] {
  const evaluation = (fraction: number, input: JobInput) =>
    evaluationJob(
      `${strategy.name} at ${Math.round(100 * fraction)} %`,
      input,
      inputs.evaluation,
      inputs.evaluationFlops,
    );
  if (strategy.rounds > 1) {
    return parts.slice(0, -1).map((jobs, round) => {
      const fraction = (round + 1) / strategy.rounds;
      return { fraction, merge: null, evaluation: evaluation(fraction, model(models[round] ?? jobs[0])) };
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
