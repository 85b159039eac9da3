import { join } from "node:path";
import type { ShardReader } from "../corpus/shards/batches.js";
import type { Batch } from "../model/layers/batch.js";
import type { Model } from "../model/model.js";
import { lowestLayer, type Window } from "../model/config/window.js";
import { createTrainingStep } from "../model/training/training-step.js";
import { createPrefixCache, type PrefixCache } from "./prefix-cache.js";
import type { ExecutionOptions, TrainingSettings } from "./settings.js";

/** The gradients of one step. */
export interface StepGradients {
  /**
   * Adds `scale` times the gradient of a step's mean loss to the model's gradients. The device may still compute them
   * afterwards: what comes next is queued behind them before anything waits.
   *
   * @param step  counts from 1 over the whole schedule; it alone determines the data
   */
  accumulate(step: number, scale: number): Promise<AccumulatedStep>;
  close(): void;
}

export interface AccumulatedStep {
  /** The mean loss of the step. */
  readonly loss: Promise<number>;
  /** Tokens predicted in the step. */
  readonly tokens: number;
}

export interface StepGradientsOptions {
  readonly window: Window;
  readonly data: ShardReader;
  readonly settings: TrainingSettings;
  readonly execution: ExecutionOptions;
  /** The last step of the part, counted over the whole schedule. */
  readonly lastStep: number;
  /** Folder of the prefix cache. */
  readonly folder: string;
}

export function createStepGradients(model: Model, options: StepGradientsOptions): StepGradients {
  const { data, settings } = options;
  const { batchSize, microBatchSize: B, sequenceLength: T } = settings;
  const pass = createTrainingStep(model, B, T, options.execution.activationCheckpointing);
  const cache = prefixCache(model, options);
  const run = async (batch: Batch, sequence: number, scale: number, losses: Promise<number>[]): Promise<void> => {
    const prefix = cache?.read(sequence, B) ?? null;
    const loss = pass.run(batch, scale, prefix);
    // Its error is that of the step, whose loss is waited for later.
    loss.catch(() => {});
    losses.push(loss);
    if (cache && !prefix) cache.keep(sequence, B, await pass.prefix());
  };
  return {
    async accumulate(step, scale) {
      const first = (step - 1) * batchSize;
      const sequences = Array.from({ length: batchSize / B }, (_, i) => first + i * B);
      const batches = sequences.map((sequence) => data.batch(sequence, B));
      const tokens = batches.reduce((sum, { targets }) => sum + targets.reduce((n, id) => n + (id >= 0 ? 1 : 0), 0), 0);
      const losses: Promise<number>[] = [];
      for (const [i, batch] of batches.entries()) await run(batch, sequences[i], scale / Math.max(1, tokens), losses);
      const loss = Promise.all(losses).then((all) => all.reduce((sum, one) => sum + one, 0) / Math.max(1, tokens));
      return { loss, tokens };
    },
    close() {
      cache?.close();
      pass.close();
    },
  };
}

/** Null if no frozen layers are below the window or no sequence is used twice. */
function prefixCache(
  { config }: Model,
  { window, data, settings, execution, lastStep, folder }: StepGradientsOptions,
): PrefixCache | null {
  const maxBytes = execution.prefixCacheGigabytes * 1e9;
  const repeats = lastStep * settings.batchSize > data.sequences;
  if (lowestLayer(window) === 0 || !repeats || maxBytes === 0) return null;
  const elementsPerSequence = settings.sequenceLength * config.hiddenSize;
  return createPrefixCache({
    path: join(folder, "prefix-cache.partial"),
    sequences: data.sequences,
    elementsPerSequence,
    maxBytes,
  });
}
