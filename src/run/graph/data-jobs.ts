import type { Job } from "../../jobs/job.js";
import type { DataParameters } from "../kinds/data.js";
import { shardsJob, tokenizeJob, type DataSets } from "./recipe-jobs.js";

/** The jobs that make shards of data sets. */
export interface CutData {
  readonly sources: readonly Job[];
  /** Of data sets that another training reads: what they hold out is left out here too. */
  readonly holding: readonly Job[];
  readonly shards: Job;
}

/**
 * Plans the cuts of a recipe, one for each of its trainings, so that none trains on what any of their data sets holds out.
 *
 * One seed draws for all sets, so a set can hold out what another trains on only if its share is larger. Only then do shards
 * depend on a set that they have nothing of, and does reading go on past a set's cut.
 *
 * @param trained  the names of the data sets of each training
 */
export function planCuts(
  data: DataSets,
  tokenizer: Job,
  trained: readonly (readonly string[])[],
): (names: readonly string[], shards: number, seed: number) => CutData {
  const all = [...new Set(trained.flat())];
  const set = (name: string) => data.get(name) as DataParameters;
  const leastShare = (names: readonly string[]) => Math.min(...names.map((name) => set(name).validation));
  const tokenized = (name: string) => tokenizeJob(name, set(name), tokenizer, set(name).validation > leastShare(all));
  return (names, count, seed) => {
    const sources = names.map(tokenized);
    const holding = all
      .filter((name) => !names.includes(name) && set(name).validation > leastShare(names))
      .map(tokenized);
    return { sources, holding, shards: shardsJob(sources, holding, count, seed) };
  };
}
