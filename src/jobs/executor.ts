import type { Execution, Job } from "./job.js";

export type JobState = "waiting" | "running" | "done" | "failed" | "cancelled" | "skipped";

export interface JobStatus {
  readonly state: JobState;
  /** Why a failed job failed: the end of its log. Null otherwise. */
  readonly failure: string | null;
  /** True if it was done before this executor saw it. */
  readonly reused: boolean;
}

/**
 * Runs jobs once their inputs are there. The local pool of processes is one; a cluster's queue fits the same calls.
 * A failed job makes those that need it `skipped`; all others go on.
 */
export interface Executor {
  submit(job: Job): void;
  status(id: string): JobStatus;
  cancel(id: string): void;
  /** The end of a job's log. */
  log(id: string): string;
  /** Resolves when no job waits or runs. */
  finished(): Promise<void>;
  /** Ends the running jobs in a way that they can go on from later, and drops the waiting ones. */
  stop(): Promise<void>;
}

export interface Pool {
  /** Jobs at once. */
  readonly parallel: number;
  /** Threads of each. */
  readonly execution: Execution;
}
