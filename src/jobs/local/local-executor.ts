import type { Executor, JobStatus, Pool } from "../executor.js";
import type { Job } from "../job.js";
import type { Store } from "../job-folder.js";
import { createJobTable } from "../job-table.js";
import { createScheduler } from "./scheduler.js";

/**
 * Runs jobs in worker processes on this machine: up to `pool.parallel` together, each with `pool.execution.threads`
 * threads. An exclusive job runs alone, with the threads of all.
 *
 * @param program   script whose command `worker` executes jobs, see `createWorkerPool`
 * @param onChange  called for every new status, and for a submitted job that is already done
 */
export function createLocalExecutor(
  store: Store,
  pool: Pool,
  program: string,
  onChange: (job: Job, status: JobStatus) => void,
): Executor {
  const table = createJobTable(store, onChange);
  const { finished, stop } = createScheduler(store, pool, program, table);
  return {
    submit: (job) => void table.submit(job),
    status: table.status,
    finished,
    stop,
  };
}
