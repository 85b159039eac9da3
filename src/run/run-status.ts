import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readJournal } from "../files/journal.js";
import { leaseHolder } from "../files/lease.js";
import { isGone, isReachable, type Writer } from "../files/writer.js";
import { StrataError } from "../errors/strata-error.js";
import { jobFolder, readDone, readProgress, type JobProgress, type Store } from "../jobs/job-folder.js";
import { logEnd, unreportedFailure } from "../jobs/job-log.js";
import { describeEnd, readQueue, taskEnd, type QueuedTask } from "../jobs/slurm/queue.js";
import { readFailure, readSubmission, taskOutput } from "../jobs/slurm/submissions.js";
import { readJobs, type ListedJob } from "./graph/run-jobs.js";
import { readSteps, stepStatuses, type RunSteps, type StepStatus } from "./run-steps.js";
import { watchersOf } from "./watchers.js";

/** `queued`: in Slurm's queue; `waiting`: nobody has started or submitted it. */
export type ListedState = "done" | "running" | "queued" | "failed" | "waiting";

export interface ListedStatus extends ListedJob {
  readonly state: ListedState;
  /** How far it is, or was when its process ended; null if it is done, was never started or has not said it. */
  readonly progress: JobProgress | null;
  /** Who runs it: a process, or a task with its node. */
  readonly holder: Writer | null;
  readonly task: QueuedTask | null;
  /** Null unless it failed. */
  readonly failure: string | null;
}

export interface RunStatus {
  readonly folder: string;
  readonly jobs: readonly ListedStatus[];
  /** Whether the report is written. */
  readonly hasReport: boolean;
  /** The jobs of Slurm that check the data and write the report; null unless the run was detached. */
  readonly steps: RunSteps | null;
  readonly stepStatuses: readonly StepStatus[];
  /** Processes that execute or watch the run. */
  readonly watchers: readonly Writer[];
  /** Whether jobs are in Slurm's queue, but it does not answer. */
  readonly queueIsUnknown: boolean;
}

/** The state of a run, from its files and Slurm's queue. @throws StrataError if it was never started */
export async function readRunStatus(store: Store, folder: string): Promise<RunStatus> {
  const listed = jobsOf(folder);
  const open = listed.map(({ id }) => id).filter((id) => endOfJob(store, id) === "open");
  const steps = readSteps(folder);
  const isSubmitted = steps !== null || open.some((id) => readSubmission(store, id) !== null);
  const queue = isSubmitted ? await readQueue(store, open).catch(() => null) : new Map<string, QueuedTask>();
  const failed = failedJobs(folder);
  const watchers = watchersOf(folder);
  return {
    folder,
    jobs: listed.map((job) => statusOf(store, job, queue, failed, watchers)),
    hasReport: existsSync(join(folder, "report.html")),
    steps,
    stepStatuses: stepStatuses(store, folder, queue),
    watchers,
    queueIsUnknown: queue === null,
  };
}

/** @throws StrataError if the run was never started */
export function jobsOf(folder: string): readonly ListedJob[] {
  if (existsSync(join(folder, "jobs.json"))) return readJobs(folder);
  throw new StrataError("RunError", {
    where: folder,
    expected: "the folder of a run",
    got: "no jobs.json",
    hint: "`strata run` starts a run and writes it.",
  });
}

/** Whether a job is done; the failure, if the record of it is damaged. */
function endOfJob(store: Store, id: string): "open" | "done" | { readonly failure: string } {
  try {
    return readDone(store, id) === null ? "open" : "done";
  } catch (error) {
    return { failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

function statusOf(
  store: Store,
  job: ListedJob,
  queue: ReadonlyMap<string, QueuedTask> | null,
  failed: ReadonlyMap<string, string | null>,
  watchers: readonly Writer[],
): ListedStatus {
  const { id } = job;
  const none = { ...job, progress: null, holder: null, task: null, failure: null };
  const end = endOfJob(store, id);
  if (end === "done") return { ...none, state: "done" };
  if (end !== "open") return { ...none, state: "failed", ...end };
  const submission = readSubmission(store, id);
  const task = (submission && queue?.get(submission.task)) ?? null;
  const hasEnded = queue !== null && submission !== null && (task === null || task.phase === "ended");
  const found = leaseHolder(join(jobFolder(store, id), "lock"));
  const holder = found !== null && isAtWork(found, hasEnded, watchers) ? found : null;
  const progress = readProgress(store, id);
  if (holder !== null || task?.phase === "running") return { ...none, state: "running", progress, holder, task };
  if (task?.phase === "pending") return { ...none, state: "queued", progress, task };
  const failure =
    readFailure(store, id)?.failure ??
    endOf(store, job, task) ??
    (failed.has(id) ? (failed.get(id) ?? logEnd(store, id, taskOutput(store, id))) : null);
  return { ...none, state: failure === null ? "waiting" : "failed", progress, task, failure };
}

/**
 * Whether the holder of a job's lock still executes it. The lock of a process that was killed stays, and of one on
 * another host only Slurm knows that.
 *
 * @param hasEnded  whether the job's task has ended
 */
function isAtWork(holder: Writer, hasEnded: boolean, watchers: readonly Writer[]): boolean {
  if (isGone(holder)) return false;
  // A run without Slurm on the other host may have the job, after its task.
  return isReachable(holder) || !hasEnded || watchers.some(({ host }) => host === holder.host);
}

/** The failure of a task that ended without reporting one; null if it was cancelled or may run again. */
function endOf(store: Store, job: ListedJob, task: QueuedTask | null): string | null {
  if (task?.phase !== "ended" || task.state === "CANCELLED" || taskEnd(task) !== "failed") return null;
  return unreportedFailure(store, job, { reason: describeEnd(task), output: taskOutput(store, job.id) });
}

/** Why jobs failed that did so when they last ran on this machine; null if an earlier version did not record it. */
function failedJobs(folder: string): ReadonlyMap<string, string | null> {
  const failed = new Map<string, string | null>();
  const seeds = readdirSync(folder).filter((name) => /^seed-\d+$/.test(name));
  for (const name of ["", ...seeds]) {
    const path = join(folder, name, "journal.jsonl");
    // Only a hint, so a damaged line is no error.
    for (const { job, state, failure } of readJournal<JournalEntry>(path, {}, () => {}))
      if (state === "failed") failed.set(job, failure ?? null);
      else failed.delete(job);
  }
  return failed;
}

interface JournalEntry {
  readonly job: string;
  readonly state: string;
  readonly failure?: string;
}
