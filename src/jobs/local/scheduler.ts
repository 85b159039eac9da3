import { StrataError } from "../../errors/strata-error.js";
import { fileError } from "../../files/atomic-file.js";
import type { JobStatus, Pool } from "../executor.js";
import type { Job } from "../job.js";
import { jobFolder, readDone, type Store } from "../job-folder.js";
import { unreportedFailure } from "../job-log.js";
import { createWorkerPool, type RunningJob } from "./worker-pool.js";
import type { JobEnd } from "./worker-process.js";
import type { JobEntry, JobTable } from "../job-table.js";

export interface Scheduler {
  /** Starts the jobs that can start, and skips those whose dependencies failed. Called after every change. */
  schedule(): void;
  /** Resolves when no job is waiting or running; after `stop`, when none is running. */
  finished(): Promise<void>;
  /** Starts no further job and terminates the running ones; resolves when they have ended. */
  stop(): Promise<void>;
}

export function createScheduler(store: Store, pool: Pool, program: string, table: JobTable): Scheduler {
  const workers = createWorkerPool(store, pool, program);
  /** Those that workers run. */
  const processes = new Map<string, RunningJob>();
  let stopping = false;
  let wake: () => void = () => {};

  const schedule = () => {
    table.skipBlocked();
    for (const entry of table.inState("waiting")) {
      if (table.readiness(entry.job) === "ready" && !stopping && hasRoom(table, pool, entry.job)) start(entry);
    }
    // A job that could not start blocks others.
    table.skipBlocked();
    const open = stopping ? table.inState("running") : table.inState("waiting", "running");
    if (open.length === 0) wake();
  };

  const start = (entry: JobEntry) => {
    try {
      const process = workers.start(entry.job);
      processes.set(entry.job.id, process);
      table.update(entry, { state: "running" });
      void process.ended.then((end) => finish(entry, end));
    } catch (error) {
      table.update(entry, { state: "failed", failure: String(startError(store, entry.job, error)) });
    }
  };

  const finish = (entry: JobEntry, end: JobEnd) => {
    processes.delete(entry.job.id);
    table.update(entry, endStatus(store, entry, end, stopping));
    schedule();
  };

  return {
    schedule,
    async finished() {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      schedule();
      await woken;
      await workers.releaseIdle();
    },
    async stop() {
      stopping = true;
      const running = [...processes.values()];
      for (const process of running) process.terminate();
      await Promise.all(running.map(({ ended }) => ended));
    },
  };
}

/** Up to `parallel` jobs run together; an exclusive job runs alone. */
function hasRoom(table: JobTable, pool: Pool, job: Job): boolean {
  const running = table.inState("running");
  const isAlone = job.exclusive || running.some((entry) => entry.job.exclusive);
  return running.length < (isAlone ? 1 : pool.parallel);
}

const memoryHint = " If the system killed the process because memory ran out, lower `machine.parallel`.";

function endStatus(
  store: Store,
  { job }: JobEntry,
  { reason, failure }: JobEnd,
  stopping: boolean,
): Partial<JobStatus> {
  try {
    if (readDone(store, job.id)) return { state: "done" };
  } catch (error) {
    return { state: "failed", failure: String(error) };
  }
  if (stopping) return { state: "cancelled" };
  return { state: "failed", failure: failure ?? unreportedFailure(store, job, { reason, hint: memoryHint }) };
}

/** Usually a full disk, without room for the job's description or its log. */
function startError(store: Store, job: Job, error: unknown): StrataError {
  return error instanceof StrataError ? error : fileError(jobFolder(store, job.id), "start the job", error);
}
