import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ShardReader } from "../corpus/shards/batches.js";
import { openScope } from "../device/device-scope.js";
import type { Device } from "../device/kernels.js";
import { openModelFolder } from "../model/files/model-folder.js";
import { loadModel, type Model } from "../model/model.js";
import type { Window } from "../model/config/window.js";
import { StrataError } from "../errors/strata-error.js";
import { appendJournal } from "../files/journal.js";
import { truncateJournal } from "./journal.js";
import {
  createOptimizerState,
  readCheckpoint,
  readMoments,
  writeCheckpoint,
  type OptimizerState,
  type Progress,
} from "./optimizer-state.js";
import { saveModel } from "./save-model.js";
import { learningRateAt } from "./schedule.js";
import { createStepGradients } from "./step-gradients.js";
import type { ExecutionOptions, TrainingSettings } from "./settings.js";
import { createUpdater, notFinite } from "./update.js";

export interface TrainPartOptions {
  readonly device: Device;
  /** Hugging Face folder to start from. */
  readonly start: string;
  readonly window: Window;
  readonly data: ShardReader;
  readonly settings: TrainingSettings;
  readonly options: ExecutionOptions;
  /** Steps of this part; the schedule counts `stepsBefore` more in front and has `stepsOfSchedule` in all. */
  readonly steps: number;
  readonly stepsBefore: number;
  readonly stepsOfSchedule: number;
  /** Steps after which the model is also written to `snapshots/NAME`. */
  readonly snapshots: readonly { readonly name: string; readonly step: number }[];
  /** Last checkpoint of this worker's previous round, whose moments go on; null to start from zero. */
  readonly previous: string | null;
  /** Where checkpoint, journal, snapshots and `model` are written. */
  readonly folder: string;
  /** Names this part; a checkpoint of another is refused. */
  readonly identity: string;
  /** When it aborts, a checkpoint is written and the part throws. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress, loss: number) => void;
}

export interface TrainPartResult {
  readonly steps: number;
  readonly tokens: number;
  readonly seconds: number;
}

/** Trains one part from its start, or from its checkpoint where there is one, to its model. */
export async function trainPart(options: TrainPartOptions): Promise<TrainPartResult> {
  // Frees all that the part has taken of the device, however it ends.
  const scope = openScope(options.device);
  try {
    return await trainOn(scope.device, options);
  } finally {
    scope.close();
  }
}

async function trainOn(device: Device, options: TrainPartOptions): Promise<TrainPartResult> {
  const { settings, folder, identity } = options;
  const checkpoint = join(folder, "checkpoint.safetensors");
  const journal = join(folder, "journal.jsonl");
  const source = openModelFolder(options.start);
  mkdirSync(folder, { recursive: true });
  const model = loadModel(device, source, options.window, options.options.offload ? folder : null);
  const state = createOptimizerState(model);
  let progress = resume(options, model, state, checkpoint);
  // Checkpoints hold nothing that differs from run to run; the time spent stands in the journal.
  const startedWith = truncateJournal(journal, progress.step)?.seconds ?? 0;
  const gradients = createStepGradients(model, { ...options, lastStep: options.stepsBefore + options.steps });
  const updater = createUpdater(model, state, settings);
  const started = performance.now();
  const elapsed = () => startedWith + (performance.now() - started) / 1000;
  const save = (at: Progress) => writeCheckpoint(checkpoint, model, state, at, identity);
  let saved = { step: progress.step, seconds: startedWith };

  try {
    while (progress.step < options.steps) {
      if (options.signal.aborted) {
        if (saved.step !== progress.step) await save(progress);
        throw interrupted(options, progress.step);
      }
      const step = progress.step + 1;
      const scheduled = options.stepsBefore + step;
      const rate = learningRateAt(scheduled, options.stepsOfSchedule, settings);
      const { loss, tokens } = await gradients.accumulate(scheduled);
      if (!Number.isFinite(loss)) throw notFinite(`step ${step}, loss`, String(loss));
      const optimizerSteps = progress.optimizerSteps + 1;
      const gradientNorm = await updater.update(step, optimizerSteps, rate);
      progress = { step, optimizerSteps, tokens: progress.tokens + tokens };
      const seconds = elapsed();
      appendJournal(journal, { step, loss, learningRate: rate, gradientNorm, tokens: progress.tokens, seconds });
      options.onProgress?.(progress, loss);
      for (const { name } of options.snapshots.filter((kept) => kept.step === step)) {
        await saveModel(join(folder, "snapshots", name), model, source);
      }
      if (isDue(options.options, saved, { step, seconds })) {
        await save(progress);
        saved = { step, seconds };
      }
      // Lets signals through: the kernels of a CPU device do not yield.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await save(progress);
    await saveModel(join(folder, "model"), model, source);
    return { steps: progress.step, tokens: progress.tokens, seconds: elapsed() };
  } finally {
    gradients.close();
  }
}

function resume(options: TrainPartOptions, model: Model, state: OptimizerState, checkpoint: string): Progress {
  if (existsSync(checkpoint)) return readCheckpoint(checkpoint, model, state, options.identity);
  const optimizerSteps = options.previous ? readMoments(options.previous, model, state).optimizerSteps : 0;
  return { step: 0, optimizerSteps, tokens: 0 };
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
    hint: "A checkpoint was written: run the same command again to go on from here.",
  });
}
