import { closeSync, openSync } from "node:fs";
import type { Pool } from "../executor.js";
import type { Job } from "../job.js";
import { writeJob, type Store } from "../job-folder.js";
import { logPath } from "../job-log.js";
import { startWorker, type JobEnd, type WorkerProcess } from "./worker-process.js";

/** A job that a worker executes. */
export interface RunningJob {
  /** Asks the job to end (SIGTERM). */
  terminate(): void;
  readonly ended: Promise<JobEnd>;
}

/**
 * Processes that execute jobs. As starting one takes longer than a small job, each executes many jobs one after
 * another; one whose job failed is not used again.
 */
export interface WorkerPool {
  /** @throws Error if the job's description or its log cannot be written */
  start(job: Job): RunningJob;
  /** Lets the idle workers exit; resolves when they have. */
  releaseIdle(): Promise<void>;
}

/** @param program  script whose command `worker` executes jobs, see `JobRequest` */
export function createWorkerPool(store: Store, { execution, parallel }: Pool, program: string): WorkerPool {
  const workers = new Set<WorkerProcess>();
  const idle = () => [...workers].filter(({ isIdle }) => isIdle);
  const create = (): WorkerProcess => {
    const worker = startWorker(program);
    workers.add(worker);
    void worker.ended.then(() => workers.delete(worker));
    return worker;
  };
  const releaseIdle = async () => {
    const some = idle();
    for (const worker of some) worker.release();
    await Promise.all(some.map(({ ended }) => ended));
  };
  return {
    start(job) {
      const folder = writeJob(store, job);
      const log = logPath(store, job.id);
      closeSync(openSync(log, "a"));
      const worker = idle()[0] ?? create();
      const threads = execution.threads * (job.exclusive ? parallel : 1);
      const ended = worker.execute({ folder, execution: { ...execution, threads } }, log);
      // An exclusive job may need the memory of the others.
      if (job.exclusive) void releaseIdle();
      return { terminate: worker.terminate, ended };
    },
    releaseIdle,
  };
}
