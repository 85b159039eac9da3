import { join } from "node:path";
import { appendToLog } from "../../../files/atomic-file.js";
import { jobFolder } from "../../../jobs/job-folder.js";
import { readTasks, runTask, timeLimit } from "../../../jobs/slurm/run-task.js";
import { jobKinds } from "../../../run/kinds/job-kinds.js";
import { roundPruner } from "../../../run/graph/prune-rounds.js";
import { readJobs } from "../../../run/graph/run-jobs.js";
import { slurmTask } from "../../environment/slurm-task.js";
import { exitCodes } from "../../exit-codes.js";
import { describeError } from "../../view/describe-error.js";

/** Executes one task of an array of Slurm. */
export async function slurmTaskCommand(file: string): Promise<void> {
  const tasks = readTasks(file);
  const task = slurmTask(process.env);
  const job = tasks.jobs[task.index];
  const folder = jobFolder({ folder: tasks.store }, job);
  const interruption = new AbortController();
  process.on("SIGUSR1", () => interruption.abort(timeLimit));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => interruption.abort(signal));
  const note = (line: string) => {
    appendToLog(join(folder, "log.txt"), `${line}\n`);
    process.stdout.write(`${line}\n`);
  };
  const outcome = await runTask(tasks, task, {
    kinds: jobKinds,
    signal: interruption.signal,
    note,
    describe: (error) => describeError(error).text,
  });
  if (outcome === "done") for (const run of tasks.runs) roundPruner({ folder: tasks.store }, readJobs(run))(job);
  if (outcome === "failed") process.exitCode = exitCodes.failed;
  if (outcome === "stopped") process.exitCode = exitCodes.interrupted;
  // Slurm ends this process when it queues the task again; an exit before that would count as a failure.
  if (outcome === "requeued") await new Promise((resolve) => setTimeout(resolve, 60_000));
}
