import { resolve } from "node:path";
import { executeJob } from "../../jobs/execute-job.js";
import type { Execution } from "../../jobs/job.js";
import { jobKinds } from "../../run/kinds/job-kinds.js";
import { interruption } from "../environment/interruption.js";

/** Executes one job of a store in this process. */
export async function jobCommand(
  folder: string,
  options: { threads: number; device: Execution["device"] },
): Promise<void> {
  const execution = { threads: options.threads, device: options.device };
  await executeJob(resolve(folder), jobKinds, execution, interruption(), (line) => process.stdout.write(`${line}\n`));
}
