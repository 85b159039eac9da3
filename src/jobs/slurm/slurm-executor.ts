import { setTimeout as sleep } from "node:timers/promises";
import type { Executor, JobStatus } from "../executor.js";
import { dependenciesOf, inOrder, type Job } from "../job.js";
import type { Store } from "../job-folder.js";
import { logEnd } from "../job-log.js";
import { createJobTable, type JobEntry } from "../job-table.js";
import { createJudge, type Verdict } from "./judge-job.js";
import { readQueue, type QueuedTask } from "./queue.js";
import { askSlurm } from "./slurm-commands.js";
import { readSubmission } from "./submissions.js";
import { createSubmitter, type SlurmOptions } from "./submitter.js";

/** Between questions to Slurm: short while something changes. */
const [leastPause, longestPause] = [500, 10_000];

/**
 * Has jobs executed by Slurm. All are submitted at once, with dependencies, so they run whether this process watches or
 * not; `stop` stops watching.
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
  const submitter = createSubmitter(store, options, all);
  const judge = createJudge(store);
  const watching = new AbortController();

  const setState = (entry: JobEntry, change: Partial<JobStatus>): boolean => {
    if (entry.status.state === change.state) return false;
    table.update(entry, change);
    return true;
  };

  /** One look at the queue. @returns whether something changed */
  const look = async (): Promise<boolean> => {
    const open = table.inState("waiting", "running");
    const queue = await readQueue(
      store,
      open.map(({ job }) => job.id),
    );
    if (queue === null) return false;
    const verdicts = new Map(open.map(({ job }) => [job.id, judge(job, queue)]));
    const changed = open.filter((entry) => setState(entry, statusOf(verdicts.get(entry.job.id) as Verdict)));
    table.skipBlocked();
    startRequeued(queue);
    const jobs = toSubmit(table.inState("waiting"), verdicts);
    if (jobs.length === 0) return changed.length > 0;
    const losses = ({ id }: Job) => (verdicts.get(id) as Extract<Verdict, { kind: "submit" }>).losses;
    if (!(await submitter.submit(jobs, losses))) onNote("The queue has no room for all jobs now: the others wait.");
    return true;
  };

  const isOpen = () => !watching.signal.aborted && table.inState("waiting", "running").length > 0;

  return {
    submit(job) {
      all.set(job.id, job);
      table.submit(job);
    },
    status: table.status,
    cancel(id) {
      const entry = table.get(id);
      if (!entry || !["waiting", "running"].includes(entry.status.state)) return;
      table.update(entry, { state: "cancelled" });
      const submission = readSubmission(store, id);
      if (submission !== null) void askSlurm("scancel", [submission.task]);
    },
    log: (id) => logEnd(store, id),
    async finished() {
      for (let wait = leastPause; isOpen();) {
        wait = (await look()) ? leastPause : Math.min(longestPause, 1.3 * wait);
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

/** A job that queued itself again waits two minutes unless its start is changed. Not all clusters permit that. */
function startRequeued(queue: ReadonlyMap<string, QueuedTask>): void {
  for (const { id, name, phase, reason } of queue.values())
    if (phase === "pending" && reason === "BeginTime" && name.startsWith("strata-"))
      void askSlurm("scontrol", ["update", `JobId=${id}`, "StartTime=now"]).catch(() => null);
}
