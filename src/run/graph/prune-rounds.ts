import { outputsAt, pruneOutputs, readDone, repeatJob, type Store } from "../../jobs/job-folder.js";
import type { Job } from "../../jobs/job.js";
import type { StrategyRoles } from "./strategy-roles.js";

/**
 * The ids of jobs whose models only the next round needs: all of a strategy of several rounds but the parts of the
 * first round, which other strategies may share, and those of the last one.
 */
export function passingJobs(strategies: readonly StrategyRoles<Job>[]): ReadonlySet<string> {
  const passing = strategies.flatMap(({ parts, merges, searches }) => [
    ...parts.slice(1, -1).flat(),
    ...merges.slice(0, -1),
    ...searches.slice(0, -1).flatMap((jobs) => jobs?.search ?? []),
  ]);
  const kept = strategies.flatMap(({ parts, merges }) => [...parts[0], ...parts.slice(-1).flat(), ...merges.slice(-1)]);
  const ids = new Set(passing.map(({ id }) => id));
  for (const { id } of kept) ids.delete(id);
  return ids;
}

/** What is needed of a job to know when its model can be removed. */
export interface PrunedJob {
  readonly id: string;
  /** Ids of the jobs whose outputs it reads. */
  readonly inputs: readonly string[];
  /** Whether its model is removed once the jobs that read it are done. */
  readonly passing: boolean;
}

/**
 * Removes the models between rounds once every job of the run that reads them is done. With R rounds and P workers
 * they would take R·P times the disk of a model.
 *
 * @returns to be called with the id of each job that is done
 */
export function roundPruner(store: Store, jobs: readonly PrunedJob[]): (done: string) => void {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const readers = new Map(jobs.filter(({ passing }) => passing).map(({ id }) => [id, [id]]));
  for (const { id, inputs } of jobs) for (const input of inputs) readers.get(input)?.push(id);
  return (done) => {
    for (const id of [done, ...(byId.get(done)?.inputs ?? [])]) {
      const own = readers.get(id);
      if (own === undefined || !own.every((reader) => readDone(store, reader) !== null)) continue;
      readers.delete(id);
      pruneOutputs(store, id);
    }
  };
}

/**
 * Has the jobs repeated of which an unfinished job of the plan needs an output that was removed, or that another
 * machine has not sent back.
 */
export function repeatPruned(store: Store, jobs: readonly Job[]): void {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const open = jobs.filter(({ id }) => readDone(store, id) === null);
  for (let job = open.pop(); job !== undefined; job = open.pop()) {
    for (const { job: id, path } of Object.values(job.inputs)) {
      const done = readDone(store, id);
      if (done === null || (done.pruned !== true && outputsAt(done, path).length > 0)) continue;
      repeatJob(store, id);
      open.push(byId.get(id) as Job);
    }
  }
}
