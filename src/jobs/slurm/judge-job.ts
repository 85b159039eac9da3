import { readDone, readProgress, type Store } from "../job-folder.js";
import { unreportedFailure } from "../job-log.js";
import type { Job } from "../job.js";
import { describeEnd, taskEnd, type QueuedTask } from "./queue.js";
import { readFailure, readSubmission } from "./submissions.js";

/** What to make of a job: `submit` if no task will run it, `unsettled` if its files may not be visible yet. */
export type Verdict =
  | { readonly kind: "done" | "running" | "pending" | "unsettled" }
  | { readonly kind: "submit"; readonly losses: number }
  | { readonly kind: "failed"; readonly failure: string };

/** How long after the end of a task its files may still be invisible on a shared disk. */
const settleMilliseconds = 15_000;

/** A job that is lost this often without progress fails. */
const maxLosses = 4;

/**
 * Judges jobs by their files first and by Slurm's queue second, which forgets ended jobs and may not know those that
 * started last before it crashed.
 *
 * @returns judges a job. A task that had ended when the job was first judged does not count: the user may have mended
 *   the cause of a failure and started the run again
 */
export function createJudge(store: Store): (job: Job, queue: ReadonlyMap<string, QueuedTask>) => Verdict {
  const seen = new Map<string, string>();
  /** When the end of a task was first seen. */
  const ends = new Map<string, number>();

  return (job, queue) => {
    const { id } = job;
    if (readDone(store, id) !== null) return { kind: "done" };
    const submission = readSubmission(store, id);
    if (submission === null) return { kind: "submit", losses: 0 };
    const task = queue.get(submission.task);
    if (task?.phase === "running" || task?.phase === "pending") {
      seen.set(id, submission.task);
      return { kind: task.phase };
    }
    if (seen.get(id) !== submission.task) {
      // Submitted a moment ago, after the queue was read, or before this process began.
      const isNew = seen.has(id);
      seen.set(id, submission.task);
      return isNew ? { kind: "unsettled" } : { kind: "submit", losses: 0 };
    }
    const failure = readFailure(store, id);
    if (failure?.task === submission.task) return { kind: "failed", failure: failure.failure };
    const since = ends.get(submission.task) ?? performance.now();
    ends.set(submission.task, since);
    if (performance.now() - since < settleMilliseconds) return { kind: "unsettled" };
    const end = taskEnd(task);
    if (end === "failed" && task) return { kind: "failed", failure: unreportedFailure(store, job, describeEnd(task)) };
    if (end !== "lost") return { kind: "submit", losses: submission.losses };
    const losses = (readProgress(store, id)?.done ?? 0) > submission.progress ? 0 : submission.losses + 1;
    if (losses < maxLosses) return { kind: "submit", losses };
    return { kind: "failed", failure: unreportedFailure(store, job, timesLost(task)) };
  };
}

function timesLost(task: QueuedTask | undefined): string {
  const last = task === undefined ? "Slurm does not know it any more" : describeEnd(task);
  return `${maxLosses} times neither an end nor progress: ${last}`;
}
