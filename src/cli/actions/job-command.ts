import { resolve } from "node:path";
import { executeJob } from "../../jobs/execute-job.js";
import type { Execution } from "../../jobs/job.js";
import { jobKinds } from "../../run/kinds/job-kinds.js";
import type { JobMessage } from "../../jobs/local/job-process.js";
import { describeError } from "../view/describe-error.js";

/** Does one job of the store in this process; what the executors start. */
export async function jobCommand(
  folder: string,
  options: { threads: number; device: Execution["device"] },
): Promise<void> {
  const interruption = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => interruption.abort());
  // A run that was killed must not leave workers behind that go on unseen.
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
    // The log may lie on a full disk: the run is told directly.
    const message: JobMessage = { failure: describeError(error).text };
    if (process.connected) await new Promise((resolve) => process.send?.(message, resolve));
    throw error;
  } finally {
    clearInterval(watch);
  }
}
