import { existsSync, statSync } from "node:fs";
import type { ComputeDType } from "../../device/kernels.js";
import type { Job } from "../../jobs/job.js";
import type { ModelConfig } from "../../model/config/model-config.js";
import { fullWindow } from "../../model/config/window.js";
import { totalParameters } from "../../model/config/parameter-counts.js";
import type { TrainingRecipe } from "../../recipe/recipe.js";
import { canonicalSettings, type ExecutionOptions, type TrainingSettings } from "../../train/settings.js";
import type { DataParameters } from "../kinds/data.js";
import { createJob } from "../kinds/job-kinds.js";
import type { Amount, TrainParameters } from "../kinds/train-parameters.js";
import { asInput } from "./job-input.js";

export interface TrainingInputs {
  readonly settings: TrainingSettings;
  readonly amount: Amount;
  readonly options: ExecutionOptions;
}

/** @param training  the recipe's `training` may be given with its `data`, which is ignored: the job reads shards */
export function trainingInputs(training: TrainingRecipe & { readonly data?: readonly string[] }): TrainingInputs {
  const { data: _data, amount, ...rest } = training;
  const { checkpointMinutes, checkpointSteps, activationCheckpointing, offload, prefixCacheGigabytes, ...settings } =
    rest;
  const options = { checkpointMinutes, checkpointSteps, activationCheckpointing, offload, prefixCacheGigabytes };
  return { amount, options, settings };
}

/** The training of the base: all layers, on one shard with all pre-training data. */
export function pretrainingJob(
  training: TrainingRecipe,
  inputs: {
    readonly start: Job;
    readonly shards: Job;
    readonly layers: number;
    readonly dtype: ComputeDType;
    readonly flops: number;
  },
): Job {
  const { start, shards, layers, dtype, flops } = inputs;
  const { settings, amount, options } = trainingInputs(training);
  const parameters: TrainParameters = {
    window: fullWindow(layers),
    shards: [0],
    shardCount: 1,
    dataShare: 1,
    settings: canonicalSettings(settings),
    dtype,
    amount,
    from: 0,
    to: 1,
    snapshots: [],
    keepsMoments: false,
  };
  return createJob({
    kind: "train",
    title: "pre-train the base",
    parameters,
    options,
    inputs: { start: asInput(start, "model"), data: asInput(shards) },
    flops,
    exclusive: true,
  });
}

/** Estimated FLOPs of a training: 6 per parameter and token. */
export function trainingFlops(training: TrainingRecipe, sets: readonly DataParameters[], config: ModelConfig): number {
  return 6 * totalParameters(config) * expectedTokens(training, sets);
}

/** Estimated tokens of a training, before any data is tokenized: four bytes per token. */
function expectedTokens(training: TrainingRecipe, sets: readonly DataParameters[]): number {
  const { amount } = training;
  if ("tokens" in amount) return amount.tokens;
  const perStep = training.batchSize * training.sequenceLength;
  if ("steps" in amount) return amount.steps * perStep;
  const bytes = sets.reduce((sum, set) => sum + expectedBytes(set), 0);
  return (amount.epochs * bytes) / 4;
}

/** A data set's text in bytes: 200 per synthetic document; a compressed file expands 2.6 times. */
function expectedBytes({ source, limit }: DataParameters): number {
  const maxBytes = limit && "bytes" in limit ? limit.bytes : limit && "tokens" in limit ? 4 * limit.tokens : Infinity;
  if ("synthetic" in source) return Math.min(maxBytes, source.documents * 200);
  const inflate = (path: string) => (/\.(gz|zst|parquet)$/.test(path) ? 2.6 : 1);
  return Math.min(
    maxBytes,
    source.files.reduce((sum, { path }) => sum + (existsSync(path) ? statSync(path).size * inflate(path) : 0), 0),
  );
}
