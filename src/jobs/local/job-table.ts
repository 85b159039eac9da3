import type { JobState, JobStatus } from "../executor.js";
import { dependenciesOf, type Job } from "../job.js";
import type { RunningJob } from "./worker-pool.js";

/** A submitted job. */
export interface JobEntry {
  readonly job: Job;
  status: JobStatus;
  /** Null unless a worker runs the job. A cancelled job has one until it has ended. */
  process: RunningJob | null;
}

/** The submitted jobs with their states, in the order of submission. */
export interface JobTable {
  get(id: string): JobEntry | undefined;
  add(job: Job, status: JobStatus): void;
  /** Changes a status and calls `onChange`. */
  update(entry: JobEntry, change: Partial<JobStatus>): void;
  inState(...states: readonly JobState[]): JobEntry[];
  /** `ready` if all dependencies are done, `blocked` if one failed, was skipped or cancelled, otherwise `waiting`. */
  readiness(job: Job): "ready" | "blocked" | "waiting";
}

export function createJobTable(onChange: (job: Job, status: JobStatus) => void): JobTable {
  const entries = new Map<string, JobEntry>();
  return {
    get: (id) => entries.get(id),
    add: (job, status) => void entries.set(job.id, { job, status, process: null }),
    update(entry, change) {
      entry.status = { ...entry.status, ...change };
      onChange(entry.job, entry.status);
    },
    inState: (...states) => [...entries.values()].filter(({ status }) => states.includes(status.state)),
    readiness(job) {
      const states = dependenciesOf(job).map((id) => entries.get(id)?.status.state);
      if (states.some((state) => state === "failed" || state === "skipped" || state === "cancelled")) return "blocked";
      return states.every((state) => state === "done") ? "ready" : "waiting";
    },
  };
}
