import type { ComputeDType } from "../../device/kernels.js";
import type { PlannedPart } from "../../plan/plan-parts.js";
import { continues, type Strategy } from "../../plan/strategy.js";
import type { Job, JobInput } from "../../jobs/job.js";
import type { EvaluateParameters } from "../kinds/evaluate.js";
import type { MergeParameters } from "../kinds/merge.js";
import {
  changePath,
  momentsPath,
  residualPath,
  snapshotName,
  type Amount,
  type TrainParameters,
} from "../kinds/train-parameters.js";
import { canonicalSettings, type ExecutionOptions, type TrainingSettings } from "../../train/settings.js";
import { createJob } from "../kinds/job-kinds.js";
import { formatWindow } from "../../model/config/window.js";
import { evaluationJob } from "./evaluation-jobs.js";
import { searchJobs, type SearchInputs } from "./search-jobs.js";
import { mergeSettings } from "../../merge/settings.js";
import { asInput } from "./job-input.js";
import type { CurvePoint, SearchRoles, StrategyRoles } from "./strategy-roles.js";

/** The jobs of one strategy, by role, with its planned parts. */
export interface StrategyJobs extends StrategyRoles<Job> {
  /** [round][worker] */
  readonly planned: readonly (readonly PlannedPart[])[];
}

export interface StrategyInputs {
  /** The model that all strategies start from. */
  readonly base: JobInput;
  /** The shards of a strategy, by the share of the data in each. */
  readonly shardsOf: (dataShares: readonly number[]) => JobInput;
  readonly amount: Amount;
  readonly settings: TrainingSettings;
  readonly dtype: ComputeDType;
  readonly options: ExecutionOptions;
  readonly curve: readonly number[];
  readonly evaluateParts: boolean;
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
  const searches: (SearchRoles<Job> | null)[] = [];
  /** The model after each round. */
  const models: JobInput[] = [];
  let start = inputs.base;
  for (const [round, ofRound] of planned.entries()) {
    const jobs = ofRound.map((part) => partJob(strategy, part, inputs, start, parts[round - 1]));
    parts.push(jobs);
    if (jobs.length === 1) start = model(jobs[0]);
    else {
      const merge = mergeJob(strategy, ofRound, start, jobs.map(sentBy(strategy)), merges.at(-1) ?? null);
      merges.push(merge);
      const found = { base: start, merged: model(merge), parts: jobs.length };
      const title = strategy.name + roundText(strategy, round);
      const search = searchJobs(title, strategy.rounds[round].merge, found, inputs.search);
      searches.push(search);
      start = search === null ? found.merged : model(search.search);
    }
    models.push(start);
  }
  const evaluation = evaluationJob(strategy.name, start, inputs.evaluation, inputs.evaluationFlops);
  return {
    strategy,
    planned,
    parts,
    merges,
    searches,
    evaluation,
    partEvaluations: inputs.evaluateParts ? partEvaluations(strategy, parts, inputs) : [],
    curve: curvePoints(strategy, planned, inputs, parts, models),
  };
}

/** What a part of a strategy sends to the merge. */
function sentBy({ exchange }: Strategy): (part: Job) => JobInput {
  return exchange === "f32" ? model : (part) => asInput(part, changePath);
}

function roundText({ rounds }: Strategy, round: number): string {
  return rounds.length > 1 ? `, round ${round + 1}` : "";
}

function partJob(
  strategy: Strategy,
  part: PlannedPart,
  inputs: StrategyInputs,
  start: JobInput,
  previousRound: readonly Job[] = [],
): Job {
  const { window, shards, dataShare, round, worker } = part;
  const { rounds, dataShares } = strategy;
  const { windows, from, to, training } = rounds[round];
  const settings = canonicalSettings({ ...inputs.settings, ...training });
  const sends = strategy.exchange !== "f32" && windows.length > 1;
  const parameters: TrainParameters = {
    window,
    shards,
    shardCount: dataShares.length,
    dataShare,
    amount: scaledAmount(inputs, settings, strategy.amount),
    settings,
    dtype: inputs.dtype,
    from,
    to,
    snapshots: rounds.length === 1 ? inputs.curve : [],
    keepsMoments: continues(strategy, round + 1, worker),
    ...(sends ? { exchange: strategy.exchange } : {}),
  };
  const previous = continues(strategy, round, worker) ? previousRound[worker] : null;
  const shardText = shards.length > 1 ? "all shards" : `shard ${shards[0] + 1}`;
  return createJob({
    kind: "train",
    title: `train layers ${formatWindow(window)} on ${shardText}${roundText(strategy, round)}`,
    parameters,
    options: inputs.options,
    inputs: {
      start,
      data: inputs.shardsOf(dataShares),
      ...(previous ? { previous: { job: previous.id, path: momentsPath } } : {}),
      ...(sends && keepsResidual(strategy, round) ? { residual: asInput(previousRound[worker], residualPath) } : {}),
    },
    flops: inputs.vanillaFlops * part.work,
    exclusive: false,
  });
}

/** Whether the round before had the same workers, which keep what rounding their changes lost. */
function keepsResidual({ rounds }: Strategy, round: number): boolean {
  return round > 0 && rounds[round - 1].windows.length === rounds[round].windows.length;
}

/** `steps` are those of vanilla: a strategy with other batches takes as many tokens. */
function scaledAmount({ amount, settings: vanilla }: StrategyInputs, own: TrainingSettings, factor: number): Amount {
  if ("epochs" in amount) return { epochs: amount.epochs * factor };
  if ("tokens" in amount) return { tokens: amount.tokens * factor };
  const tokens = ({ batchSize, sequenceLength }: TrainingSettings) => batchSize * sequenceLength;
  if (tokens(own) === tokens(vanilla)) return { steps: amount.steps * factor };
  return { tokens: amount.steps * factor * tokens(vanilla) };
}

function mergeJob(
  strategy: Strategy,
  planned: readonly PlannedPart[],
  base: JobInput,
  parts: readonly JobInput[],
  previousMerge: Job | null,
  isOfChanges = strategy.exchange !== "f32",
): Job {
  const [{ round }] = planned;
  const { merge } = strategy.rounds[round];
  const parameters: MergeParameters = {
    windows: planned.map(({ window }) => window),
    settings: mergeSettings(merge),
    ...(isOfChanges ? { fromChanges: true } : {}),
  };
  const before = (previousMerge?.parameters as MergeParameters | undefined)?.settings.outerOptimizer ?? null;
  const hasMomentum = previousMerge !== null && before !== null && merge.outerOptimizer !== null;
  return createJob({
    kind: "merge",
    title: `merge ${strategy.name}${roundText(strategy, round)}`,
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

/** Evaluations of the parts of the last round, each alone; none for a single worker, whose part is the result. */
function partEvaluations(strategy: Strategy, parts: readonly (readonly Job[])[], inputs: StrategyInputs): Job[] {
  const last = parts[parts.length - 1];
  if (last.length === 1) return [];
  return last.map((job, worker) =>
    evaluationJob(`part ${worker + 1} of ${strategy.name}`, model(job), inputs.evaluation, inputs.evaluationFlops),
  );
}

/**
 * With one round the parts' snapshots, merged; with several the model after the round that ends nearest to each share.
 *
 * @param models  after each round
 */
function curvePoints(
  strategy: Strategy,
  planned: StrategyJobs["planned"],
  inputs: StrategyInputs,
  parts: readonly (readonly Job[])[],
  models: readonly JobInput[],
): CurvePoint[] {
  const nameAt = (fraction: number) => `${strategy.name} at ${Math.round(100 * fraction)} %`;
  const evaluation = (fraction: number, input: JobInput) =>
    evaluationJob(nameAt(fraction), input, inputs.evaluation, inputs.evaluationFlops);
  if (strategy.rounds.length > 1) {
    return nearestRounds(strategy, inputs.curve).map((round) => {
      const fraction = strategy.rounds[round].to;
      return { fraction, round, merge: null, evaluation: evaluation(fraction, models[round]) };
    });
  }
  return inputs.curve.map((fraction) => {
    const snapshots = parts[0].map(({ id }) => ({ job: id, path: `snapshots/${snapshotName(fraction)}` }));
    if (snapshots.length === 1)
      return { fraction, round: 0, merge: null, evaluation: evaluation(fraction, snapshots[0]) };
    const merge = mergeJob({ ...strategy, name: nameAt(fraction) }, planned[0], inputs.base, snapshots, null, false);
    return { fraction, round: 0, merge, evaluation: evaluation(fraction, model(merge)) };
  });
}

/** The rounds before the last one that end nearest to these shares of the training, each once. */
function nearestRounds({ rounds }: Strategy, shares: readonly number[]): number[] {
  const candidates = rounds.slice(0, -1).map(({ to }, round) => ({ to, round }));
  const nearest = shares.map(
    (share) => candidates.reduce((a, b) => (Math.abs(b.to - share) < Math.abs(a.to - share) ? b : a)).round,
  );
  return [...new Set(nearest)].sort((a, b) => a - b);
}
