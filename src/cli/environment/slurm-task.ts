import { StrataError } from "../../errors/strata-error.js";
import type { Task } from "../../jobs/slurm/run-task.js";

/** The number of the job of Slurm that has started this process; null outside Slurm. */
export function slurmJob({ SLURM_JOB_ID: job }: Readonly<Record<string, string | undefined>>): string | null {
  return job ?? null;
}

/** The task that Slurm has started this process for. @throws StrataError outside an array of Slurm */
export function slurmTask(environment: Readonly<Record<string, string | undefined>>): Task {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: task } = environment;
  if (job !== undefined && task !== undefined) return { id: `${job}_${task}`, index: Number(task) };
  throw new StrataError("RunError", {
    where: "strata worker --tasks",
    expected: "SLURM_ARRAY_JOB_ID and SLURM_ARRAY_TASK_ID",
    got: "an environment without them",
    hint: "`strata run --slurm` submits the scripts that start this command; it is not for users.",
  });
}
