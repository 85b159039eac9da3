import type { Execution } from "../job.js";

/** From the run to an idle worker: execute this job, or exit. */
export type WorkerRequest = JobRequest | "exit";

export interface JobRequest {
  readonly folder: string;
  readonly execution: Execution;
}

/**
 * From the worker to the run. `failure` is null if the job is done. A worker that reports `ends` executes no further
 * job and exits: it failed, was interrupted, or holds too much memory.
 */
export interface JobReply {
  readonly failure: string | null;
  readonly ends: boolean;
}
