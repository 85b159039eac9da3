import { existsSync } from "node:fs";
import { join } from "node:path";
import { createFolder } from "../files/create-folder.js";
import type { ShardReader } from "../corpus/shards/batches.js";
import { openScope } from "../device/device-scope.js";
import { describeProducts, type Device } from "../device/kernels.js";
import { openModelFolder } from "../model/files/model-folder.js";
import { loadModel, type Model } from "../model/model.js";
import type { Window } from "../model/config/window.js";
import { StrataError } from "../errors/strata-error.js";
import { appendJournal } from "../files/journal.js";
import { syncFiles } from "../files/sync-files.js";
import { truncateJournal, type JournalEntry } from "./journal.js";
import { afterOverflow, afterUpdate, initialLossScale } from "./loss-scale.js";
import {
  createOptimizerState,
  readCheckpoint,
  readMoments,
  writeCheckpoint,
  type OptimizerState,
  type Progress,
  type Resumed,
} from "./optimizer-state.js";
import { saveModel } from "./save-model.js";
import { keepSnapshot, snapshotFolder } from "./snapshots.js";
import { learningRateAt } from "./schedule.js";
import { createStepGradients, type StepGradients } from "./step-gradients.js";
import type { ExecutionOptions, TrainingSettings } from "./settings.js";
import { addToAverage, averagedModel } from "./tail-average.js";
import { writeMoments } from "./write-moments.js";
import { createUpdater, notFinite, type Updater } from "./update.js";

export interface TrainPartOptions {
  readonly device: Device;
  /** Hugging Face folder of the initial model. */
  readonly start: string;
  readonly window: Window;
  readonly data: ShardReader;
  readonly settings: TrainingSettings;
  readonly execution: ExecutionOptions;
  /** Steps of this part. */
  readonly steps: number;
  /** Steps of the schedule before this part. */
  readonly stepsBefore: number;
  /** Steps of the whole schedule. */
  readonly stepsOfSchedule: number;
  /** Steps after which the model is also written to `snapshots/NAME`. */
  readonly snapshots: readonly { readonly name: string; readonly step: number }[];
  /** `moments.safetensors` of this worker's previous round, to continue with its moments; null to start from zero. */
  readonly previous: string | null;
  /** Whether a later round needs the moments: they are written to `moments.safetensors`. */
  readonly keepsMoments: boolean;
  /** Folder of the checkpoint, journal, snapshots and `model`. */
  readonly folder: string;
  /** Name of this part; checkpoints of other parts are refused. */
  readonly identity: string;
  /** On abort, the part writes a checkpoint and throws. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress, loss: number) => void;
  /** Receives what the user should know. */
  readonly onNote?: (note: string) => void;
}

export interface TrainPartResult {
  readonly steps: number;
  readonly tokens: number;
  /** From the start of loading the model to the last byte of what the part writes; interruptions excluded. */
  readonly seconds: number;
  /** How its steps were computed, see `describeProducts`; all ways in order, if it continued in another. */
  readonly products: string;
}

/** Trains one part, from its checkpoint if there is one, and writes its model. */
export async function trainPart(options: TrainPartOptions): Promise<TrainPartResult> {
  // Frees all device memory of the part, even after an error.
  const scope = openScope(options.device);
  try {
    return await trainOn(scope.device, options);
  } finally {
    scope.close();
  }
}

async function trainOn(device: Device, options: TrainPartOptions): Promise<TrainPartResult> {
  const { folder, identity } = options;
  const started = performance.now();
  const checkpoint = join(folder, "checkpoint.safetensors");
  const journal = join(folder, "journal.jsonl");
  const source = openModelFolder(options.start);
  createFolder(folder);
  const model = loadModel(device, source, options.window, options.execution.offload ? folder : null);
  const state = createOptimizerState(model, options.settings);
  const resumed = resume(options, model, state, checkpoint);
  const { products } = resumed;
  let { progress } = resumed;
  // Checkpoints are the same bytes in every run, so the elapsed time is in the journal.
  const startedWith = truncateJournal(journal, progress.step, options.onNote)?.seconds ?? 0;
  for (const { name, step } of options.snapshots)
    if (step <= progress.step) keepSnapshot(snapshotFolder(folder, name), model, source);
  const gradients = createStepGradients(model, { ...options, lastStep: options.stepsBefore + options.steps });
  const updater = createUpdater(model, state, options.settings);
  const elapsed = () => startedWith + (performance.now() - started) / 1000;
  // The lines of the steps that a checkpoint has must be as durable as it is.
  const save = (at: Progress) =>
    syncFiles([journal]).then(() => writeCheckpoint(checkpoint, model, state, at, identity, products));
  let saved = { step: progress.step, seconds: startedWith };

  try {
    while (progress.step < options.steps) {
      if (options.signal.aborted) {
        if (saved.step !== progress.step) await save(progress);
        throw interrupted(options, progress.step);
      }
      const done = await trainStep(options, gradients, updater, progress);
      progress = done.progress;
      const { step, tokens } = progress;
      addToAverage(model, state, options.settings, step, options.steps);
      const seconds = elapsed();
      // First: it throws if another process has taken this part over, and now writes the journal.
      options.onProgress?.(progress, done.entry.loss);
      appendJournal(journal, { ...done.entry, tokens, seconds });
      for (const { name } of options.snapshots.filter((kept) => kept.step === step)) {
        await saveModel(snapshotFolder(folder, name), model, source);
      }
      if (isDue(options.execution, saved, { step, seconds })) {
        await save(progress);
        saved = { step, seconds };
      }
      // Lets the event loop handle signals: the kernels of a CPU device block it.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await saveModel(join(folder, "model"), averagedModel(model, state, options.steps), source);
    if (options.keepsMoments) await writeMoments(join(folder, "moments.safetensors"), device, state, progress);
    return { steps: progress.step, tokens: progress.tokens, seconds: elapsed(), products };
  } finally {
    gradients.close();
  }
}

/** One step after `before`: gradients, then the update; it waits for the device once, for the loss and the norms. */
async function trainStep(
  { settings, stepsBefore, stepsOfSchedule }: TrainPartOptions,
  gradients: StepGradients,
  updater: Updater,
  { lossScale, ...before }: Progress,
): Promise<{ readonly progress: Progress; readonly entry: Omit<JournalEntry, "tokens" | "seconds"> }> {
  const step = before.step + 1;
  const scale = lossScale?.scale ?? 1;
  const learningRate = learningRateAt(stepsBefore + step, stepsOfSchedule, settings);
  const accumulated = await gradients.accumulate(stepsBefore + step, scale);
  const [loss, norms] = await Promise.all([accumulated.loss, updater.norms()]);
  if (!Number.isFinite(loss)) throw notFinite(`step ${step}, loss`, String(loss));
  const tokens = before.tokens + accumulated.tokens;
  const scaled = lossScale && { lossScale: scale };
  if (norms.broken) {
    const lower = lossScale && afterOverflow(lossScale);
    const { name, square } = norms.broken;
    if (!lower) throw notFinite(`step ${step}, gradient of ${name}`, String(square));
    updater.skip();
    const progress: Progress = { step, optimizerSteps: before.optimizerSteps, tokens, lossScale: lower };
    return { progress, entry: { step, loss, learningRate, gradientNorm: null, ...scaled } };
  }
  const optimizerSteps = before.optimizerSteps + 1;
  updater.update(optimizerSteps, learningRate, norms, scale);
  const progress: Progress = { step, optimizerSteps, tokens, ...(lossScale && { lossScale: afterUpdate(lossScale) }) };
  return { progress, entry: { step, loss, learningRate, gradientNorm: norms.global / scale, ...scaled } };
}

/** Loads the checkpoint if there is one, otherwise the moments of the previous round. @returns where to continue */
function resume(options: TrainPartOptions, model: Model, state: OptimizerState, checkpoint: string): Resumed {
  if (existsSync(checkpoint)) {
    const { progress, products } = readCheckpoint(checkpoint, model, state, options.identity);
    return { progress, products: continuedProducts(options, progress, products) };
  }
  const optimizerSteps = options.previous ? readMoments(options.previous, model, state).optimizerSteps : 0;
  const { facts } = options.device;
  const lossScale = initialLossScale(facts.computeDType);
  const progress: Progress = { step: 0, optimizerSteps, tokens: 0, ...(lossScale && { lossScale }) };
  return { progress, products: describeProducts(facts) };
}

const nextProducts = ", then ";

/** Says that a part continues on a machine that multiplies in another way. @returns all its ways so far */
function continuedProducts({ device, onNote }: TrainPartOptions, { step }: Progress, before: string): string {
  const now = describeProducts(device.facts);
  const last = before.split(nextProducts).at(-1) ?? before;
  const sameBits = (products: string) => products.replace(" (emulated)", "");
  if (sameBits(now) === sameBits(last)) return before;
  onNote?.(
    `continues after step ${step}, which was computed as ${last}, as ${now}: other bits than one machine alone gives`,
  );
  return `${before}${nextProducts}${now}`;
}

interface Moment {
  readonly step: number;
  readonly seconds: number;
}

function isDue(every: ExecutionOptions, saved: Moment, now: Moment): boolean {
  const bySteps = every.checkpointSteps !== null && now.step - saved.step >= every.checkpointSteps;
  const byTime = every.checkpointMinutes !== null && now.seconds - saved.seconds >= 60 * every.checkpointMinutes;
  return bySteps || byTime;
}

function interrupted(options: TrainPartOptions, step: number): StrataError {
  return new StrataError("TrainingError", {
    where: `${options.folder} step ${step}`,
    expected: `${options.steps} steps`,
    got: "an interruption",
    hint: "A checkpoint was written: run the same command again to continue from here.",
  });
}
