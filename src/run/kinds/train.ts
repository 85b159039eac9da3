import { openShards } from "../../corpus/shards/batches.js";
import { join } from "node:path";
import type { ComputeDType } from "../../device/kernels.js";
import type { ExchangeDType } from "../../merge/exchange/formats.js";
import { writeChange } from "../../merge/exchange/write-change.js";
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
  /** The share of the training data in them. */
  readonly dataShare: number;
  readonly amount: Amount;
  readonly settings: TrainingSettings;
  readonly dtype: ComputeDType;
  /** The part runs these shares of the steps of the whole training: 0 ≤ from < to ≤ 1. */
  readonly from: number;
  readonly to: number;
  /** Fractions of the steps after which the model is saved. */
  readonly snapshots: readonly number[];
  /** Whether the worker continues with its optimizer state in the next round. */
  readonly keepsMoments: boolean;
  /** How the change of the part travels to the merge; absent if its model does. */
  readonly exchange?: ExchangeDType;
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
export function stepsOf({ amount, settings, dataShare }: TrainParameters, sequences: number): number {
  if ("steps" in amount) return Math.max(1, Math.round(amount.steps * dataShare));
  if ("tokens" in amount)
    return Math.max(1, Math.round((amount.tokens * dataShare) / (settings.batchSize * settings.sequenceLength)));
  return Math.max(1, Math.floor((amount.epochs * sequences) / settings.batchSize));
}

/** The number of whole steps in a share of all; 1e-9 makes up for the rounding of shares such as 1/3. */
export function stepAt(share: number, steps: number): number {
  return Math.floor(steps * share + 1e-9);
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
  const { settings, window, dtype, from, to } = parameters;
  const data = openShards(context.input("data"), parameters.shards, settings.sequenceLength);
  const all = stepsOf(parameters, data.sequences);
  const first = stepAt(from, all);
  const steps = stepAt(to, all) - first;
  const previous = "previous" in context.job.inputs ? context.input("previous") : null;
  const speed = createSpeed();
  const { seconds, tokens, products } = await trainPart({
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
    keepsMoments: parameters.keepsMoments,
    folder: context.folder,
    identity: context.job.id,
    signal: context.signal,
    onNote: context.note,
    onProgress: ({ step, tokens }, loss) =>
      context.progress({
        done: step,
        total: steps,
        unit: "steps",
        note: `loss ${loss.toFixed(3)}`,
        tokensPerSecond: speed(tokens),
      }),
  });
  const { exchange } = parameters;
  const exchangeSeconds = exchange === undefined ? 0 : await writePartChange(context, window, exchange);
  const facts: TrainFacts = { steps, tokens, window };
  // A checkpoint is only needed to resume a killed job; the last round needs no residual.
  const temporary = ["checkpoint.safetensors", ...(to < 1 ? [] : [residualPath])];
  return { seconds: seconds + exchangeSeconds, result: facts, temporary, products };
}

/** Tokens per second since its first call, when the model has been loaded and the first step is done. */
function createSpeed(): (tokens: number) => number | undefined {
  let first: { readonly tokens: number; readonly time: number } | null = null;
  return (tokens) => {
    const time = performance.now();
    first ??= { tokens, time };
    return time > first.time ? (1000 * (tokens - first.tokens)) / (time - first.time) : undefined;
  };
}

/**
 * Writes the change since the input `start`, which travels, and the residual, which stays; the residual of the round
 * before is the input `residual`.
 *
 * @returns its duration in seconds
 */
async function writePartChange(context: JobContext, window: Window, dtype: ExchangeDType): Promise<number> {
  const started = performance.now();
  await writeChange({
    start: context.input("start"),
    trained: join(context.folder, "model"),
    window,
    dtype,
    previous: "residual" in context.job.inputs ? context.input("residual") : null,
    change: join(context.folder, changePath),
    residual: join(context.folder, residualPath),
  });
  return (performance.now() - started) / 1000;
}

/** What a part sends to the merge, if not its model. */
export const changePath = "change.safetensors";

/** What rounding the change has lost, for the worker's next round. */
export const residualPath = "residual.safetensors";

/** The optimizer's moments, for a worker that continues with them in the next round. */
export const momentsPath = "moments.safetensors";
