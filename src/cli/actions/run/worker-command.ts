import { join } from "node:path";
import { appendToLog } from "../../../files/atomic-file.js";
import { executeJob } from "../../../jobs/execute-job.js";
import type { JobReply, JobRequest, WorkerRequest } from "../../../jobs/local/worker-messages.js";
import { jobKinds } from "../../../run/kinds/job-kinds.js";
import { exitCodes } from "../../exit-codes.js";
import { describeError } from "../../view/describe-error.js";

/** A worker that holds more after a job exits, so that memory does not grow from job to job. */
const maxIdleBytes = 512 * 2 ** 20;

/** A worker that holds less after a job collects no garbage: that takes longer than a step of a small model. */
const uncollectedBytes = 256 * 2 ** 20;

/** Executes jobs one after another, until the run that sends them is gone, a job fails or a signal interrupts it. */
export async function workerCommand(): Promise<void> {
  const interruption = new AbortController();
  let running: Promise<void> | null = null;
  const over = new Promise<void>((resolve) => {
    const interrupt = () => {
      interruption.abort();
      void (running ?? Promise.resolve()).finally(resolve);
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, interrupt);
    // The run was killed.
    process.on("disconnect", interrupt);
    process.on("message", (request: WorkerRequest) => {
      if (request === "exit") resolve();
      else running = execute(request, interruption.signal, resolve).finally(() => (running = null));
    });
  });
  await over;
}

/** @param end  called if this process must end */
async function execute({ folder, execution }: JobRequest, signal: AbortSignal, end: () => void): Promise<void> {
  const note = (line: string) => appendToLog(join(folder, "log.txt"), `${line}\n`);
  let failure: string | null = null;
  try {
    await executeJob(folder, jobKinds, execution, signal, note);
  } catch (error) {
    failure = describeError(error).text;
    note(failure);
    process.exitCode = exitCodes.failed;
  }
  const ends = failure !== null || signal.aborted || !(await freeMemory());
  await reply({ failure, ends });
  if (ends) end();
}

/** Frees the buffers of the job. @returns whether little enough is left for another job */
async function freeMemory(): Promise<boolean> {
  // `external` counts mapped files without a name, too, which occupy the disk until they are collected.
  const { rss, external } = process.memoryUsage();
  if (rss + external < uncollectedBytes) return true;
  globalThis.gc?.();
  await new Promise((resolve) => setImmediate(resolve));
  return process.memoryUsage.rss() < maxIdleBytes;
}

/** Over IPC, because the log may be on a full disk. */
async function reply(message: JobReply): Promise<void> {
  if (process.connected) await new Promise((resolve) => process.send?.(message, resolve));
}
