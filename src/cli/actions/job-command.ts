import { resolve } from "node:path";
import { executeJob } from "../../jobs/execute-job.js";
import type { Execution } from "../../jobs/job.js";
import { jobKinds } from "../../run/kinds/job-kinds.js";
import type { JobMessage } from "../../jobs/local/job-process.js";
import { describeError } from "../view/describe-error.js";

/** Executes one job of a store in this process. */
export async function jobCommand(
  folder: string,
  options: { threads: number; device: Execution["device"] },
): Promise<void> {
  const interruption = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => interruption.abort());
  // The workers of a run that was killed must stop too.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) interruption.abort();
  }, 500);
  try {
    const execution = { threads: options.threads, device: options.device };
    await executeJob(resolve(folder), jobKinds, execution, interruption.signal, (line) =>
      process.stdout.write(`${line}\n`),
    );
  } catch (error) {
    // Reported over IPC, because the log may be on a full disk.
    const message: JobMessage = { failure: describeError(error).text };
    if (process.connected) await new Promise((resolve) => process.send?.(message, resolve));
    throw error;
  } finally {
    clearInterval(watch);
  }
}
