import { readDone, readProgress, type Store } from "../job-folder.js";
import { unreportedFailure } from "../job-log.js";
import type { Job } from "../job.js";
import { describeEnd, taskEnd, type QueuedTask } from "./queue.js";
import { readFailure, readSubmission, taskOutput } from "./submissions.js";

/** What to make of a job: `submit` if no task will run it, `unsettled` if its files may not be visible yet. */
export type Verdict =
  | { readonly kind: "done" | "running" | "pending" | "unsettled" }
  | { readonly kind: "submit"; readonly losses: number }
  | { readonly kind: "failed"; readonly failure: string };

/** How long after the end of a task its files may still be invisible on a shared disk. */
const settleMilliseconds = 15_000;

/** A job that is lost this often without progress fails. */
const maxLosses = 4;

export interface Judge {
  verdict(job: Job, queue: ReadonlyMap<string, QueuedTask>): Verdict;
  /** Tells the judge what this process submitted: a failure of such a task counts, however soon it comes. */
  submitted(tasks: ReadonlyMap<string, string>): void;
}

/**
 * Judges jobs by their files first and by Slurm's queue second, which forgets ended jobs and may not know those that
 * started last before it crashed.
 *
 * A task that this process did not submit and that had ended when the job was first judged does not count: the user
 * may have mended the cause of a failure and started the run again.
 */
export function createJudge(store: Store): Judge {
  /** Tasks that were submitted by this process or have been in the queue since. */
  const seen = new Map<string, string>();
  /** The task that a job had when it was first judged; null if it had none. */
  const first = new Map<string, string | null>();
  /** When the end of a task was first seen. */
  const ends = new Map<string, number>();

  const verdict: Judge["verdict"] = (job, queue) => {
    const { id } = job;
    if (readDone(store, id) !== null) return { kind: "done" };
    const submission = readSubmission(store, id);
    if (!first.has(id)) first.set(id, submission?.task ?? null);
    if (submission === null) return { kind: "submit", losses: 0 };
    const task = queue.get(submission.task);
    if (task?.phase === "running" || task?.phase === "pending") {
      seen.set(id, submission.task);
      return { kind: task.phase };
    }
    if (seen.get(id) !== submission.task) {
      if (!seen.has(id) && first.get(id) === submission.task) return { kind: "submit", losses: 0 };
      // Submitted by another process a moment ago, perhaps after the queue was read.
      seen.set(id, submission.task);
      return { kind: "unsettled" };
    }
    const failure = readFailure(store, id);
    if (failure?.task === submission.task) return { kind: "failed", failure: failure.failure };
    const since = ends.get(submission.task) ?? performance.now();
    ends.set(submission.task, since);
    if (performance.now() - since < settleMilliseconds) return { kind: "unsettled" };
    const end = taskEnd(task);
    const failed = (reason: string): Verdict => {
      return { kind: "failed", failure: unreportedFailure(store, job, { reason, output: taskOutput(store, id) }) };
    };
    if (end === "failed" && task) return failed(describeEnd(task));
    if (end !== "lost") return { kind: "submit", losses: submission.losses };
    const losses = (readProgress(store, id)?.done ?? 0) > submission.progress ? 0 : submission.losses + 1;
    if (losses < maxLosses) return { kind: "submit", losses };
    return failed(timesLost(task));
  };

  return {
    verdict,
    submitted(tasks) {
      for (const [id, task] of tasks) seen.set(id, task);
    },
  };
}

function timesLost(task: QueuedTask | undefined): string {
  const last = task === undefined ? "Slurm does not know its job any more" : describeEnd(task);
  return `the loss of its job of Slurm ${maxLosses} times in a row without progress, at last: ${last}`;
}
