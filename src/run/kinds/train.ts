import { join } from "node:path";
import { openShards } from "../../corpus/shards/batches.js";
import type { JobContext, JobResult } from "../../jobs/execute-job.js";
import type { ExchangeDType } from "../../merge/exchange/formats.js";
import { writeChange } from "../../merge/exchange/write-change.js";
import type { Window } from "../../model/config/window.js";
import type { ExecutionOptions } from "../../train/settings.js";
import { trainPart } from "../../train/train-part.js";
import {
  changePath,
  residualPath,
  snapshotName,
  snapshotStep,
  stepAt,
  stepsOf,
  type TrainFacts,
  type TrainParameters,
} from "./train-parameters.js";

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
    device: await context.device(dtype),
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
