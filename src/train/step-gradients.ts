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
  /** Adds up the gradients of the mean loss of a step, counted from 1 over the whole schedule; the data follow from it alone. */
  accumulate(step: number): Promise<{ readonly loss: number; readonly tokens: number }>;
  close(): void;
}

export interface StepGradientsOptions {
  readonly window: Window;
  readonly data: ShardReader;
  readonly settings: TrainingSettings;
  readonly options: ExecutionOptions;
  /** The last step that will be asked for. */
  readonly lastStep: number;
  /** Where the cache of the frozen prefix lies. */
  readonly folder: string;
}

export function createStepGradients(model: Model, options: StepGradientsOptions): StepGradients {
  const { data, settings } = options;
  const { batchSize, microBatchSize: B, sequenceLength: T } = settings;
  const pass = createTrainingStep(model, B, T, options.options.activationCheckpointing);
  const cache = prefixCache(model, options);
  const run = async (batch: Batch, sequence: number, scale: number): Promise<number> => {
    const prefix = cache?.read(sequence, B) ?? null;
    const loss = await pass.run(batch, scale, prefix);
    if (cache && !prefix) cache.keep(sequence, B, await pass.prefix());
    return loss;
  };
  return {
    async accumulate(step) {
      const first = (step - 1) * batchSize;
      const sequences = Array.from({ length: batchSize / B }, (_, i) => first + i * B);
      const batches = sequences.map((sequence) => data.batch(sequence, B));
      const tokens = batches.reduce((sum, { targets }) => sum + targets.reduce((n, id) => n + (id >= 0 ? 1 : 0), 0), 0);
      let total = 0;
      for (const [i, batch] of batches.entries()) total += await run(batch, sequences[i], 1 / Math.max(1, tokens));
      return { loss: total / Math.max(1, tokens), tokens };
    },
    close() {
      cache?.close();
      pass.close();
    },
  };
}

/** None where nothing is frozen below the window or no sequence comes twice. */
function prefixCache(
  { config }: Model,
  { window, data, settings, options, lastStep, folder }: StepGradientsOptions,
): PrefixCache | null {
  const maxBytes = options.prefixCacheGigabytes * 1e9;
  const comesTwice = lastStep * settings.batchSize > data.sequences;
  if (lowestLayer(window) === 0 || !comesTwice || maxBytes === 0) return null;
  const elementsPerSequence = settings.sequenceLength * config.hiddenSize;
  return createPrefixCache({
    path: join(folder, "prefix-cache.partial"),
    sequences: data.sequences,
    elementsPerSequence,
    maxBytes,
  });
}
