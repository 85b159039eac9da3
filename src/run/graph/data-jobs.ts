import type { Job } from "../../jobs/job.js";
import type { DataParameters } from "../kinds/data.js";
import { shardsJob, tokenizeJob, type DataSets } from "./recipe-jobs.js";

/** The jobs that make shards of data sets. */
export interface CutData {
  readonly sources: readonly Job[];
  readonly shards: Job;
}

/** @param names  of the data sets of one training */
export function cutData(
  names: readonly string[],
  { data, tokenizer, shards, seed }: { data: DataSets; tokenizer: Job; shards: number; seed: number },
): CutData {
  const sources = names.map((name) => tokenizeJob(name, data.get(name) as DataParameters, tokenizer));
  return { sources, shards: shardsJob(sources, shards, seed) };
}
