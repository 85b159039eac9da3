import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import { jobFolder, type Store } from "../job-folder.js";
import { readText } from "../../files/read-text.js";
import { outputFile } from "./script.js";

/** `slurm.json` in a job's folder: the task that executes the job, or did. */
export interface Submission {
  /** `JOB_TASK` */
  readonly task: string;
  /** Who submitted it: several people may run one recipe. */
  readonly user: string;
  /** Of `scriptFile` and `tasksFile`. */
  readonly script: string;
  /** Position in the tasks file. */
  readonly index: number;
  /** How often in a row the job was submitted because its task was lost without progress. */
  readonly losses: number;
  /** What its `progress.json` said when it was submitted. */
  readonly progress: number;
  /** What it said when the task last reached its time limit. */
  readonly progressAtLimit?: number;
}

/** `failure.json`: why a job failed. Written by the task, read by whoever watches the run. */
export interface RecordedFailure {
  readonly failure: string;
  /** That failed; a later submission is not judged by it. */
  readonly task: string;
}

const submissionPath = (store: Store, id: string) => join(jobFolder(store, id), "slurm.json");
const failurePath = (store: Store, id: string) => join(jobFolder(store, id), "failure.json");

export const readSubmission = (store: Store, id: string) => read<Submission>(submissionPath(store, id));

/** The file with what the task of a job printed; null if the job was never submitted. It may not exist yet. */
export function taskOutput(store: Store, id: string): string | null {
  const submission = readSubmission(store, id);
  return submission === null ? null : outputFile(store, submission.script, submission.index);
}

export function writeSubmission(store: Store, id: string, submission: Submission): void {
  writeJsonAtomic(submissionPath(store, id), submission);
}

export const readFailure = (store: Store, id: string) => read<RecordedFailure>(failurePath(store, id));

export function writeFailure(store: Store, id: string, failure: RecordedFailure): void {
  writeJsonAtomic(failurePath(store, id), failure);
}

export function removeFailure(store: Store, id: string): void {
  rmSync(failurePath(store, id), { force: true });
}

/** A file that is damaged is as good as none: the job is submitted again, and its lock keeps it from running twice. */
function read<T>(path: string): T | null {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readText(path)) as T;
  } catch {
    return null;
  }
}
