import { setTimeout as sleep } from "node:timers/promises";
import type { Executor, JobStatus } from "../executor.js";
import { dependenciesOf, inOrder, type Job } from "../job.js";
import type { Store } from "../job-folder.js";
import { createJobTable, type JobEntry } from "../job-table.js";
import { createJudge, type Verdict } from "./judge-job.js";
import { readQueue, type QueuedTask } from "./queue.js";
import { askSlurm } from "./slurm-commands.js";
import { readSubmission } from "./submissions.js";
import { createSubmitter, type SlurmOptions } from "./submitter.js";

/** Between questions to Slurm: short while something changes. */
const [leastPause, longestPause] = [500, 10_000];

/** Between attempts to submit to a full queue; the job that ends next makes room earlier. */
const [leastFullPause, longestFullPause] = [2000, 60_000];

/**
 * Has jobs executed by Slurm. Those of `submit` are submitted together, with dependencies, and run whether this process
 * watches or not; `stop` stops watching.
 *
 * @param onChange  called for every new status, and for a submitted job that is already done
 * @param onNote    receives what the user should know
 */
export function createSlurmExecutor(
  store: Store,
  options: SlurmOptions,
  onChange: (job: Job, status: JobStatus) => void,
  onNote: (line: string) => void,
): Executor {
  const table = createJobTable(store, onChange);
  const all = new Map<string, Job>();
  const watching = new AbortController();
  const submitter = createSubmitter(store, options, all, watching.signal);
  const judge = createJudge(store);
  const room = watchRoom(onNote);

  const setState = (entry: JobEntry, change: Partial<JobStatus>): boolean => {
    if (entry.status.state === change.state) return false;
    table.update(entry, change);
    return true;
  };

  /** One look at the queue. @returns whether something changed */
  const look = async (): Promise<boolean> => {
    const open = table.inState("waiting", "running");
    const ids = open.map(({ job }) => job.id);
    const queue = await readQueue(store, ids, watching.signal);
    if (queue === null) return false;
    const verdicts = new Map(open.map(({ job }) => [job.id, judge.verdict(job, queue)]));
    const changed = open.filter((entry) => setState(entry, statusOf(verdicts.get(entry.job.id) as Verdict)));
    table.skipBlocked();
    startRequeued(store, ids, queue);
    const jobs = toSubmit(table.inState("waiting"), verdicts);
    const hasChanged = changed.length > 0;
    if (jobs.length === 0 || !room.isWorthTrying(hasChanged)) return hasChanged;
    const losses = ({ id }: Job) => (verdicts.get(id) as Extract<Verdict, { kind: "submit" }>).losses;
    const { tasks, isFull } = await submitter.submit(jobs, losses);
    judge.submitted(tasks);
    room.tried(isFull, hasChanged || tasks.size > 0);
    return hasChanged || tasks.size > 0;
  };

  /** @returns false if it was aborted, too */
  const lookUnlessAborted = () =>
    look().catch((error: unknown) => {
      if (!watching.signal.aborted) throw error;
      return false;
    });

  const isOpen = () => !watching.signal.aborted && table.inState("waiting", "running").length > 0;

  return {
    submit(job) {
      all.set(job.id, job);
      table.submit(job);
    },
    status: table.status,
    async finished() {
      for (let wait = leastPause; isOpen();) {
        wait = (await lookUnlessAborted()) ? leastPause : Math.min(longestPause, 1.3 * wait);
        if (isOpen()) await sleep(wait, undefined, { signal: watching.signal }).catch(() => {});
      }
    },
    async stop() {
      watching.abort();
    },
  };
}

function statusOf(verdict: Verdict): Partial<JobStatus> {
  if (verdict.kind === "failed") return { state: "failed", failure: verdict.failure };
  return { state: verdict.kind === "done" || verdict.kind === "running" ? verdict.kind : "waiting" };
}

/** Jobs without a task, if all that they wait for is done, has a task or gets one, too. */
function toSubmit(entries: readonly JobEntry[], verdicts: ReadonlyMap<string, Verdict>): Job[] {
  const unsettled = new Set([...verdicts].flatMap(([id, { kind }]) => (kind === "unsettled" ? [id] : [])));
  return inOrder(entries.map(({ job }) => job)).flatMap((job) => {
    if (dependenciesOf(job).some((id) => unsettled.has(id))) unsettled.add(job.id);
    return verdicts.get(job.id)?.kind === "submit" && !unsettled.has(job.id) ? [job] : [];
  });
}

/** Decides when to try again to submit to a queue that was full. It is noted once, until all jobs are submitted. */
function watchRoom(onNote: (line: string) => void) {
  let [wasFull, pause, next] = [false, leastFullPause, 0];
  return {
    /** @param hasChanged  whether a job started or ended */
    isWorthTrying: (hasChanged: boolean) => !wasFull || hasChanged || performance.now() >= next,
    /** @param hasChanged  whether some jobs were submitted, started or ended: there may be room soon */
    tried(isFull: boolean, hasChanged: boolean) {
      if (isFull && !wasFull) onNote("The queue has no room for all jobs now: the others wait.");
      pause = isFull && wasFull && !hasChanged ? Math.min(longestFullPause, 1.5 * pause) : leastFullPause;
      next = performance.now() + pause;
      wasFull = isFull;
    },
  };
}

/**
 * A job that queued itself again waits two minutes unless its start is changed. Not all clusters permit that. Others
 * that wait for a time do so because of the user's own `--begin`.
 */
function startRequeued(store: Store, jobs: readonly string[], queue: ReadonlyMap<string, QueuedTask>): void {
  for (const id of jobs) {
    const submission = readSubmission(store, id);
    if (submission?.progressAtLimit === undefined) continue;
    const task = queue.get(submission.task);
    if (task?.phase === "pending" && task.reason === "BeginTime")
      void askSlurm("scontrol", ["update", `JobId=${task.id}`, "StartTime=now"]).catch(() => null);
  }
}
