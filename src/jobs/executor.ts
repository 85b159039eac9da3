import type { Execution, Job } from "./job.js";

export type JobState = "waiting" | "running" | "done" | "failed" | "cancelled" | "skipped";

export interface JobStatus {
  readonly state: JobState;
  /** The error of a failed job, or the end of its log; null in other states. */
  readonly failure: string | null;
  /** Whether the job was already done when it was submitted. */
  readonly reused: boolean;
}

/**
 * Runs each job once its inputs are done: in processes on this machine, or in the queue of a cluster. If a job fails,
 * the jobs that depend on it become `skipped`; all others continue.
 */
export interface Executor {
  submit(job: Job): void;
  status(id: string): JobStatus;
  /** Resolves when no job is waiting or running. */
  finished(): Promise<void>;
  /** Interrupts the running jobs, which can resume later, and does not start the waiting ones. */
  stop(): Promise<void>;
}

export interface Pool {
  /** Maximum number of concurrent jobs. */
  readonly parallel: number;
  /** Device and threads of each job. */
  readonly execution: Execution;
}
