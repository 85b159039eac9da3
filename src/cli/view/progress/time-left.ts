import type { JobProgress } from "../../../jobs/job-folder.js";

/** Seconds until a job ends; null while unknown. */
export type TimeLeft = (id: string, progress: JobProgress) => number | null;

/**
 * The job's own estimate if it has one, else from its speed since its progress first changed here, so that neither
 * loading a model nor steps before an interruption count.
 *
 * @param now  in milliseconds
 */
export function createTimeLeft(now: () => number): TimeLeft {
  const seen = new Map<string, { readonly done: number; readonly since: number | null }>();
  return (id, { done, total, secondsLeft }) => {
    if (secondsLeft !== undefined) return secondsLeft;
    const first = seen.get(id);
    if (first?.since && done > first.done && total > 0)
      return (Math.max(0, total - done) * (now() - first.since)) / (done - first.done) / 1000;
    const hasChanged = first !== undefined && done > first.done;
    // A job that began again has done less than before.
    if (hasChanged) seen.set(id, { done, since: now() });
    else if (first === undefined || done < first.done) seen.set(id, { done, since: null });
    return null;
  };
}
