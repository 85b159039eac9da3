import { StrataError } from "../../errors/strata-error.js";
import { fileError } from "../../files/atomic-file.js";
import type { JobStatus, Pool } from "../executor.js";
import type { Job } from "../job.js";
import { jobFolder, readDone, type Store } from "../job-folder.js";
import { unreportedFailure } from "./job-log.js";
import { createWorkerPool } from "./worker-pool.js";
import type { JobEnd } from "./worker-process.js";
import type { JobEntry, JobTable } from "./job-table.js";

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
  let stopping = false;
  let wake: () => void = () => {};

  const schedule = () => {
    skipBlocked(table);
    for (const entry of table.inState("waiting")) {
      if (entry.status.state !== "waiting") continue; // `onChange` may have cancelled it.
      if (table.readiness(entry.job) === "ready" && !stopping && hasRoom(table, pool, entry.job)) start(entry);
    }
    // A job that could not start blocks others.
    skipBlocked(table);
    const open = stopping ? table.inState("running") : table.inState("waiting", "running");
    if (open.length === 0) wake();
  };

  const start = (entry: JobEntry) => {
    try {
      entry.process = workers.start(entry.job);
      table.update(entry, { state: "running" });
      void entry.process.ended.then((end) => finish(entry, end));
    } catch (error) {
      table.update(entry, { state: "failed", failure: String(startError(store, entry.job, error)) });
    }
  };

  const finish = (entry: JobEntry, end: JobEnd) => {
    entry.process = null;
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
      const processes = table.inState("running").map(({ process }) => process);
      for (const process of processes) process?.terminate();
      await Promise.all(processes.map((process) => process?.ended));
    },
  };
}

/** Skips the jobs whose inputs will never exist. A skipped job blocks others, which may be earlier in the table. */
function skipBlocked(table: JobTable): void {
  const blocked = () => table.inState("waiting").filter(({ job }) => table.readiness(job) === "blocked");
  for (let entries = blocked(); entries.length > 0; entries = blocked()) {
    for (const entry of entries) if (entry.status.state === "waiting") table.update(entry, { state: "skipped" });
  }
}

/** Up to `parallel` jobs run together; an exclusive job runs alone. */
function hasRoom(table: JobTable, pool: Pool, job: Job): boolean {
  const running = table.inState("running");
  const isAlone = job.exclusive || running.some((entry) => entry.job.exclusive);
  return running.length < (isAlone ? 1 : pool.parallel);
}

function endStatus(
  store: Store,
  { job, status }: JobEntry,
  { reason, failure }: JobEnd,
  stopping: boolean,
): Partial<JobStatus> {
  try {
    if (readDone(store, job.id)) return { state: "done" };
  } catch (error) {
    return { state: "failed", failure: String(error) };
  }
  if (stopping || status.state === "cancelled") return { state: "cancelled" };
  return { state: "failed", failure: failure ?? unreportedFailure(store, job, reason) };
}

/** Usually a full disk, without room for the job's description or its log. */
function startError(store: Store, job: Job, error: unknown): StrataError {
  return error instanceof StrataError ? error : fileError(jobFolder(store, job.id), "start the job", error);
}
