import { StrataError } from "../../errors/strata-error.js";
import { executeJob, type JobKinds } from "../execute-job.js";
import { jobFolder, readProgress, type Store } from "../job-folder.js";
import type { ArrayTasks } from "./script.js";
import { askSlurm, slurmError } from "./slurm-commands.js";
import { readSubmission, writeFailure, writeSubmission } from "./submissions.js";
import { readText } from "../../files/read-text.js";

/** A task of an array, as its environment names it. */
export interface Task {
  /** `JOB_TASK` */
  readonly id: string;
  /** Position in the tasks file. */
  readonly index: number;
}

/** `requeued`: the time limit is near, and Slurm has the task in its queue again. */
export type TaskOutcome = "done" | "failed" | "stopped" | "requeued";

export interface TaskOptions {
  readonly kinds: JobKinds;
  /** Aborts before the time limit, with the reason `timeLimit`, and when Slurm ends the task. */
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
  readonly describe: (error: unknown) => string;
}

/** The reason of an abort because the time limit is near. */
export const timeLimit = "time limit";

export const readTasks = (file: string) => JSON.parse(readText(file)) as ArrayTasks;

/** Executes a task's job and records a failure where those who watch the run look for it. */
export async function runTask(tasks: ArrayTasks, task: Task, options: TaskOptions): Promise<TaskOutcome> {
  const { signal, note } = options;
  const store: Store = { folder: tasks.store };
  const job = tasks.jobs[task.index];
  try {
    await executeJob(jobFolder(store, job), options.kinds, tasks.execution, signal, note);
    return "done";
  } catch (error) {
    if (!signal.aborted) return fail(store, job, task, options.describe(error), note);
    if (signal.reason !== timeLimit) return "stopped";
    const refused = await requeue(store, job, task);
    return refused === null ? "requeued" : fail(store, job, task, options.describe(refused), note);
  }
}

function fail(store: Store, job: string, task: Task, failure: string, note: (line: string) => void): TaskOutcome {
  note(failure);
  writeFailure(store, job, { failure, task: task.id });
  return "failed";
}

/** Has Slurm run the task again, later and with a new time limit. @returns why not */
async function requeue(store: Store, job: string, task: Task): Promise<StrataError | null> {
  const submission = readSubmission(store, job);
  const progress = readProgress(store, job)?.done ?? 0;
  if (submission?.progressAtLimit !== undefined && submission.progressAtLimit >= progress)
    return limitError(job, "progress between two time limits", "none", "Raise machine.executor.slurm.time.");
  if (submission !== null) writeSubmission(store, job, { ...submission, progressAtLimit: progress });
  const { failed, err } = await askSlurm("scontrol", ["requeue", task.id]);
  if (!failed) return null;
  const refusal = slurmError("scontrol", "queue the job again near its time limit", err).parts;
  return limitError(job, refusal.expected, refusal.got, "Its checkpoint is written.");
}

function limitError(job: string, expected: string, got: string, hint: string): StrataError {
  return new StrataError("RunError", { where: job, expected, got, hint: `${hint} Run the same command again.` });
}
