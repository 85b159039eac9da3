import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Job } from "../jobs/job.js";
import { readJobs } from "../run/graph/run-jobs.js";
import { pruneOutputs, readDone, type Store } from "../jobs/job-folder.js";

/** Kinds of jobs whose outputs are models. */
const modelKinds = ["train", "merge", "line-search"];

/** The jobs with models that a trial is going to run: those that nobody has run before. */
export function ownModels(jobs: readonly Job[], store: Store): string[] {
  return jobs.filter(({ id, kind }) => modelKinds.includes(kind) && readDone(store, id) === null).map(({ id }) => id);
}

/** The jobs of all runs in a store, whose models are theirs to keep; those of candidates are one folder deeper. */
function jobsOfRuns({ folder }: Store): string[] {
  const runs = readdirSync(folder).map((name) => join(folder, name));
  return runs
    .filter((run) => existsSync(join(run, "jobs.json")))
    .flatMap(readJobs)
    .map(({ id }) => id);
}

/**
 * Removes models that a search has trained, all but the needed ones and those of runs; their records, which its
 * results are read from, are kept. Otherwise each candidate would keep several models and checkpoints.
 *
 * @param own     jobs that were first run by this search
 * @param needed  jobs of the best candidate and of those that are still to run
 */
export function pruneModels(store: Store, own: Iterable<string>, needed: Iterable<string>): void {
  const kept = new Set([...needed, ...jobsOfRuns(store)]);
  for (const id of own) if (!kept.has(id)) pruneOutputs(store, id);
}
