import { openShards } from "../../corpus/shards/batches.js";
import type { ComputeDType } from "../../device/kernels.js";
import type { Window } from "../../model/config/window.js";
import type { ExecutionOptions, TrainingSettings } from "../../train/settings.js";
import { trainPart } from "../../train/train-part.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";

/** The amount of training of vanilla, on all shards; a part trains for its share of it. */
export type Amount = { readonly epochs: number } | { readonly steps: number } | { readonly tokens: number };

export interface TrainParameters {
  readonly window: Window;
  /** Indices of the shards it reads, below `shardCount`. */
  readonly shards: readonly number[];
  readonly shardCount: number;
  readonly amount: Amount;
  readonly settings: TrainingSettings;
  readonly dtype: ComputeDType;
  /** From 0. A round runs 1/`rounds` of the steps. */
  readonly round: number;
  readonly rounds: number;
  /** Fractions of the steps after which the model is saved. */
  readonly snapshots: readonly number[];
}

export interface TrainFacts {
  readonly steps: number;
  readonly tokens: number;
  readonly window: Window;
}

/**
 * Steps of all rounds together.
 *
 * @param sequences  number of sequences in the shards
 */
export function stepsOf({ amount, settings, shards, shardCount }: TrainParameters, sequences: number): number {
  const share = shards.length / shardCount;
  if ("steps" in amount) return Math.max(1, Math.round(amount.steps * share));
  if ("tokens" in amount)
    return Math.max(1, Math.round((amount.tokens * share) / (settings.batchSize * settings.sequenceLength)));
  return Math.max(1, Math.floor((amount.epochs * sequences) / settings.batchSize));
}

/** The name of a snapshot's folder: its fraction of the steps in percent. */
export function snapshotName(fraction: number): string {
  return String(Math.round(fraction * 100));
}

export function snapshotStep(fraction: number, steps: number): number {
  return Math.max(1, Math.round(fraction * steps));
}

export async function runTrain(context: JobContext): Promise<JobResult> {
  const parameters = context.job.parameters as TrainParameters;
  const { settings, window, dtype, round, rounds } = parameters;
  const data = openShards(context.input("data"), parameters.shards, settings.sequenceLength);
  const all = stepsOf(parameters, data.sequences);
  const first = Math.floor((all * round) / rounds);
  const steps = Math.floor((all * (round + 1)) / rounds) - first;
  const previous = "previous" in context.job.inputs ? context.input("previous") : null;
  const { seconds, tokens } = await trainPart({
    device: context.device(dtype),
    start: context.input("start"),
    window,
    data,
    settings,
    execution: context.job.options as ExecutionOptions,
    steps,
    stepsBefore: first,
    stepsOfSchedule: all,
    snapshots: parameters.snapshots.map((fraction) => ({
      name: snapshotName(fraction),
      step: snapshotStep(fraction, steps),
    })),
    previous,
    keepsMoments: round + 1 < rounds,
    folder: context.folder,
    identity: context.job.id,
    signal: context.signal,
    onProgress: ({ step }, loss) =>
      context.progress({ done: step, total: steps, unit: "steps", note: `loss ${loss.toFixed(3)}` }),
  });
  const facts: TrainFacts = { steps, tokens, window };
  // Only needed to resume a killed job.
  return { seconds, result: facts, temporary: ["checkpoint.safetensors"] };
}

/** Contains the optimizer moments for the next round; the last round has none. */
export const checkpointPath = "moments.safetensors";
