import { existsSync, statSync } from "node:fs";
import { expandFiles } from "../../corpus/records/expand-files.js";
import type { DocumentText } from "../../corpus/documents/dataset.js";
import type { HoldOut } from "../../corpus/documents/split.js";
import { documentSeparator } from "../../corpus/records/formats/plain-text.js";
import type { ComputeDType } from "../../device/kernels.js";
import { plainLlama } from "../../model/config/architecture.js";
import type { ModelConfig } from "../../model/config/model-config.js";
import { totalParameters } from "../../model/config/parameter-counts.js";
import { openModelFolder } from "../../model/files/model-folder.js";
import type { PlanSettings } from "../../plan/plan-parts.js";
import type { EvaluationRecipe, TextRecipe, TrainingRecipe } from "../../recipe/recipe.js";
import type { ExecutionOptions, TrainingSettings } from "../../train/settings.js";
import type { Job, JobInput } from "../../jobs/job.js";
import type { ChosenFolder, LocalDataset, LocalRecipe } from "../sources/local-recipe.js";
import type { DataParameters } from "../kinds/data.js";
import type { TaskParameters } from "../kinds/evaluate.js";
import type { ShardsParameters } from "../kinds/shards.js";
import type { InitializeParameters } from "../kinds/initialize.js";
import type { TokenizeParameters } from "../kinds/tokenize.js";
import { isTokenizerFile, tokenizerSources, type TokenizerParameters } from "../kinds/tokenizer.js";
import type { Amount, TrainParameters } from "../kinds/train.js";
import { sourceFile, sourceFolder, type SourceFile } from "../../jobs/source-file.js";
import { createJob } from "../kinds/job-kinds.js";
import { plural } from "../../text/plural.js";

/** From parts of a recipe to jobs: files become hashes, names of data sets become what they stand for. */

export type DataSets = ReadonlyMap<string, DataParameters>;

export const asInput = (job: Job, path = "."): JobInput => ({ job: job.id, path });

/** The keys of a data set that say what its text is. */
export function documentText(set: TextRecipe): DocumentText {
  if ("prompt" in set) return { prompt: set.prompt, completion: set.completion };
  if ("template" in set) return { template: set.template };
  return "messages" in set ? { messages: set.messages } : { field: set.field };
}

export async function dataParameters(set: LocalDataset, holdOut: HoldOut): Promise<DataParameters> {
  const { duplicates } = set;
  const use = {
    text: documentText(set),
    holdOut,
    maxBadRecords: set.maxBadRecords,
    duplicates,
    limit: set.limit,
    lossOn: set.lossOn,
  };
  if ("synthetic" in set)
    return { source: { synthetic: set.synthetic, documents: set.documents, seed: set.seed }, ...use };
  const files: SourceFile[] = [];
  for (const path of expandFiles(set.files)) files.push(await sourceFile(path));
  const { separator } = set;
  return { source: separator === documentSeparator ? { files } : { files, separator }, ...use };
}

async function chosenFiles({ folder, files }: ChosenFolder): Promise<SourceFile[]> {
  if (files === null) return sourceFolder(folder);
  const chosen: SourceFile[] = [];
  for (const path of files) chosen.push(await sourceFile(path));
  return chosen;
}

export async function tokenizerJob(recipe: LocalRecipe, data: DataSets): Promise<Job> {
  const job = (parameters: TokenizerParameters) =>
    createJob({ kind: "tokenizer", title: "tokenizer", parameters, inputs: {}, flops: 0, exclusive: true });
  if ("folder" in recipe.model)
    return job({ files: (await chosenFiles(recipe.model)).filter(({ path }) => isTokenizerFile(path)) });
  const { tokenizer } = recipe;
  if (tokenizer === null) throw new Error("a recipe without a model folder has a tokenizer");
  if ("file" in tokenizer) return job({ files: await tokenizerSources(tokenizer.file) });
  const { vocabSize, maxBytes } = tokenizer.train;
  return job({
    data: tokenizer.train.data.map((name) => data.get(name) as DataParameters),
    vocabSize: vocabSize,
    maxBytes: maxBytes,
  });
}

export function tokenizeJob(name: string, data: DataParameters, tokenizer: Job): Job {
  const parameters: TokenizeParameters = data;
  return createJob({
    kind: "tokenize",
    title: `tokenize ${name}`,
    parameters,
    inputs: { tokenizer: asInput(tokenizer) },
    flops: 0,
    exclusive: true,
  });
}

export function shardsJob(tokenized: readonly Job[], shards: number, seed: number): Job {
  const parameters: ShardsParameters = { shards, seed };
  return createJob({
    kind: "shards",
    title: `cut ${plural(shards, "shard")}`,
    parameters,
    inputs: Object.fromEntries(tokenized.map((job, i) => [`source-${String(i).padStart(3, "0")}`, asInput(job)])),
    flops: 0,
    exclusive: false,
  });
}

export async function initializeJob(recipe: LocalRecipe, tokenizer: Job): Promise<Job> {
  const job = (parameters: InitializeParameters, inputs: Record<string, JobInput>) =>
    createJob({ kind: "initialize", title: "initial model", parameters, inputs, flops: 0, exclusive: false });
  if ("folder" in recipe.model) return job({ files: await chosenFiles(recipe.model) }, {});
  const shape = "pretrain" in recipe.model ? recipe.model.pretrain.shape : recipe.model.random;
  return job({ random: shape, seed: recipe.seed }, { tokenizer: asInput(tokenizer) });
}

/** The start model as far as it is known before the tokenizer is trained: with the vocabulary that was asked for. */
export function expectedModel(recipe: LocalRecipe): Pick<PlanSettings, "config" | "storedBytesPerElement"> {
  if ("folder" in recipe.model) {
    const { config, tensors } = openModelFolder(recipe.model.folder);
    const bytes = [...tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    return { config, storedBytesPerElement: bytes / totalParameters(config) };
  }
  const shape = "pretrain" in recipe.model ? recipe.model.pretrain.shape : recipe.model.random;
  const { tokenizer } = recipe;
  const vocabSize = tokenizer && "train" in tokenizer ? tokenizer.train.vocabSize : 32000;
  return {
    config: { ...plainLlama, ...shape, vocabSize, bosId: 0, eosIds: [1] },
    storedBytesPerElement: 4,
  };
}

export interface TrainingInputs {
  readonly settings: TrainingSettings;
  readonly amount: Amount;
  readonly options: ExecutionOptions;
}

/** @param training  may be `training` of the recipe with its `data`, which shards stand for */
export function trainingInputs(training: TrainingRecipe & { readonly data?: readonly string[] }): TrainingInputs {
  const { data: _data, amount, ...rest } = training;
  const { checkpointMinutes, checkpointSteps, activationCheckpointing, offload, prefixCacheGigabytes, ...settings } =
    rest;
  const options = { checkpointMinutes, checkpointSteps, activationCheckpointing, offload, prefixCacheGigabytes };
  return { amount, options, settings };
}

export function pretrainingJob(
  training: TrainingRecipe,
  dtype: ComputeDType,
  start: Job,
  shards: Job,
  layers: number,
  flops: number,
): Job {
  const { settings, amount, options } = trainingInputs(training);
  const parameters: TrainParameters = {
    window: { first: 0, end: layers, embeddings: true },
    shards: [0],
    shardCount: 1,
    settings,
    dtype,
    amount,
    round: 0,
    rounds: 1,
    snapshots: [],
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

export function taskParameters(task: EvaluationRecipe, data: DataSets): TaskParameters {
  const set = data.get(task.data) as DataParameters;
  return {
    name: task.name,
    kind: task.kind,
    data: set,
    split: task.split,
    items: "documents" in task ? task.documents : task.items,
    fewShot: task.kind === "exact-match" ? task.fewShot : 0,
    fewShotData:
      task.kind === "exact-match" && task.fewShotData ? (data.get(task.fewShotData) as DataParameters) : null,
    maxTokens: task.kind === "exact-match" ? task.maxTokens : 0,
  };
}

/** A first guess of the tokens that vanilla trains on, before anything is tokenised: four bytes a token. */
export function expectedTokens(training: TrainingRecipe, sets: readonly DataParameters[]): number {
  const { amount } = training;
  if ("tokens" in amount) return amount.tokens;
  const perStep = training.batchSize * training.sequenceLength;
  if ("steps" in amount) return amount.steps * perStep;
  const bytes = sets.reduce((sum, set) => sum + expectedBytes(set), 0);
  return (amount.epochs * bytes) / 4;
}

function expectedBytes({ source, limit }: DataParameters): number {
  const most = limit && "bytes" in limit ? limit.bytes : limit && "tokens" in limit ? 4 * limit.tokens : Infinity;
  if ("synthetic" in source) return Math.min(most, source.documents * 200);
  const inflate = (path: string) => (/\.(gz|zst|parquet)$/.test(path) ? 2.6 : 1);
  return Math.min(
    most,
    source.files.reduce((sum, { path }) => sum + (existsSync(path) ? statSync(path).size * inflate(path) : 0), 0),
  );
}

export function trainingWork(training: TrainingRecipe, sets: readonly DataParameters[], config: ModelConfig): number {
  return 6 * totalParameters(config) * expectedTokens(training, sets);
}
