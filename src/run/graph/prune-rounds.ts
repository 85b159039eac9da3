import { outputsAt, pruneOutputs, readDone, repeatJob, type Store } from "../../jobs/job-folder.js";
import { dependenciesOf, type Job } from "../../jobs/job.js";
import type { StrategyJobs } from "./strategy-jobs.js";

/**
 * The ids of jobs whose models only the next round needs: all of a strategy of several rounds but the parts of the
 * first round, which other strategies may share, and those of the last one.
 */
export function passingJobs(strategies: readonly StrategyJobs[]): ReadonlySet<string> {
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

/**
 * Removes the models between rounds once every job of the plan that reads them is done. With R rounds and P workers
 * they would take R·P times the disk of a model.
 *
 * @returns to be called once for each job of the plan that is done
 */
export function roundPruner(
  store: Store,
  strategies: readonly StrategyJobs[],
  jobs: readonly Job[],
): (done: Job) => void {
  /** A job itself and the jobs that read its outputs: those that are not done yet. */
  const open = new Map([...passingJobs(strategies)].map((id) => [id, new Set([id])]));
  for (const job of jobs) for (const id of dependenciesOf(job)) open.get(id)?.add(job.id);
  return (done) => {
    for (const id of [done.id, ...dependenciesOf(done)]) {
      const left = open.get(id);
      if (left?.delete(done.id) && left.size === 0) pruneOutputs(store, id);
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
