import type { Job } from "../jobs/job.js";
import type { JobProgress } from "../jobs/job-folder.js";
import type { ListedStatus } from "./run-status.js";

/** Minimum weight of a job, so that many small jobs are visible in the progress. */
const minWeight = 0.002;

/** What is known of the jobs of a run. */
export interface DoneState {
  isDone(id: string): boolean;
  /** Null if the job was never started or has not said it. */
  progress(id: string): JobProgress | null;
}

/** `shareDone` of a run, from the states of its jobs. */
export function shareOfStatus(jobs: readonly ListedStatus[]): number {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const state = {
    isDone: (id: string) => byId.get(id)?.state === "done",
    progress: (id: string) => byId.get(id)?.progress ?? null,
  };
  return shareDone(state, jobs);
}

/** Completed share of the expected work, in [0, 1]. */
export function shareDone(state: DoneState, jobs: readonly Pick<Job, "id" | "flops">[]): number {
  const total = jobs.reduce((sum, { flops }) => sum + flops, 0) || 1;
  const weight = ({ flops }: Pick<Job, "flops">) => flops / total + minWeight;
  let done = 0;
  let all = 0;
  for (const job of jobs) {
    all += weight(job);
    if (state.isDone(job.id)) {
      done += weight(job);
      continue;
    }
    const progress = state.progress(job.id);
    if (progress && progress.total > 0) done += weight(job) * Math.min(1, progress.done / progress.total);
  }
  return all === 0 ? 1 : done / all;
}
