import { expandFiles } from "../../corpus/records/expand-files.js";
import type { DocumentText } from "../../corpus/documents/dataset.js";
import type { HoldOut } from "../../corpus/documents/split.js";
import { documentSeparator } from "../../corpus/records/formats/plain-text.js";
import { usualSeparator } from "../../corpus/records/formats/usual-separator.js";
import type { Job } from "../../jobs/job.js";
import { sourceFile, type SourceFile } from "../../jobs/source-file.js";
import type { TextRecipe } from "../../recipe/recipe.js";
import type { BosChoice } from "../../tokenizer/bos.js";
import { plural } from "../../text/plural.js";
import type { DataParameters } from "../kinds/data.js";
import { createJob } from "../kinds/job-kinds.js";
import type { ShardsParameters } from "../kinds/shards.js";
import type { TokenizeParameters } from "../kinds/tokenize.js";
import { isTokenizerFile, refusePointers, tokenizerSources, type TokenizerParameters } from "../kinds/tokenizer.js";
import { chosenFiles } from "../sources/chosen-files.js";
import type { LocalDataset, LocalRecipe } from "../sources/local-recipe.js";
import { asInput } from "./job-input.js";

/** The data sets of a recipe by name, with the hashes of their files. */
export type DataSets = ReadonlyMap<string, DataParameters>;

export async function dataSets({ data }: Pick<LocalRecipe, "data">, holdOut: HoldOut): Promise<DataSets> {
  const sets = new Map<string, DataParameters>();
  for (const [name, set] of Object.entries(data)) sets.set(name, await dataParameters(set, holdOut));
  return sets;
}

/** @param names  data sets of the recipe */
export function selectData(data: DataSets, names: readonly string[]): DataParameters[] {
  return names.map((name) => data.get(name) as DataParameters);
}

/** The keys of a data set that define the text of its documents. */
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
    return { source: { synthetic: set.synthetic, documents: set.documents, seed: set.seed ?? holdOut.seed }, ...use };
  const files: SourceFile[] = [];
  for (const path of expandFiles(set.files)) files.push(await sourceFile(path));
  const separator = set.separator ?? (await usualSeparator(files.map(({ path }) => path)));
  return { source: separator === documentSeparator ? { files } : { files, separator }, ...use };
}

export async function tokenizerJob(recipe: LocalRecipe, data: DataSets): Promise<Job> {
  const job = (parameters: TokenizerParameters) =>
    createJob({ kind: "tokenizer", title: "tokenizer", parameters, inputs: {}, flops: 0, exclusive: true });
  const filesJob = (files: readonly SourceFile[]) => {
    refusePointers(files);
    return job({ files });
  };
  if ("folder" in recipe.model)
    return filesJob((await chosenFiles(recipe.model)).filter(({ path }) => isTokenizerFile(path)));
  const { tokenizer } = recipe;
  if (tokenizer === null) throw new Error("a recipe without a model folder has a tokenizer");
  if ("file" in tokenizer) return filesJob(await tokenizerSources(tokenizer.file));
  const { vocabSize, maxBytes } = tokenizer.train;
  return job({
    data: selectData(data, tokenizer.train.data),
    vocabSize,
    maxBytes,
  });
}

/** The file or folder of a recipe's tokenizer; null if the run trains it. */
export function tokenizerPath({ model, tokenizer }: LocalRecipe): string | null {
  if ("folder" in model) return model.folder;
  return tokenizer !== null && "file" in tokenizer ? tokenizer.file : null;
}

export function tokenizeJob(name: string, data: DataParameters, tokenizer: Job, bos: BosChoice): Job {
  const parameters: TokenizeParameters = { ...data, bos };
  return createJob({
    kind: "tokenize",
    title: `tokenize ${name}`,
    parameters,
    inputs: { tokenizer: asInput(tokenizer) },
    flops: 0,
    exclusive: true,
  });
}

/** @param shares  of the data in each shard; or the number of equal shards */
export function shardsJob(tokenized: readonly Job[], shares: number | readonly number[], seed: number): Job {
  const shards = typeof shares === "number" ? shares : shares.length;
  const parameters: ShardsParameters = { shards, seed, ...(typeof shares === "number" ? {} : { shares }) };
  return createJob({
    kind: "shards",
    title: `cut ${plural(shards, "shard")}`,
    parameters,
    inputs: Object.fromEntries(tokenized.map((job, i) => [`source-${String(i).padStart(3, "0")}`, asInput(job)])),
    flops: 0,
    exclusive: false,
  });
}

/** The jobs that turn data sets into shards. */
export interface DataJobs {
  readonly tokenize: readonly Job[];
  readonly shards: Job;
}

/** @param names  the data sets of one training */
export function dataJobs(
  names: readonly string[],
  {
    data,
    tokenizer,
    bos,
    shards,
    seed,
  }: Pick<LocalRecipe, "bos" | "shards" | "seed"> & {
    readonly data: DataSets;
    readonly tokenizer: Job;
  },
): DataJobs {
  const tokenize = names.map((name) => tokenizeJob(name, data.get(name) as DataParameters, tokenizer, bos));
  return { tokenize, shards: shardsJob(tokenize, shards, seed) };
}
