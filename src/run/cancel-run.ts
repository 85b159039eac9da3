import { setTimeout as sleep } from "node:timers/promises";
import { isGone, isReachable, type Writer } from "../files/writer.js";
import type { Store } from "../jobs/job-folder.js";
import { askSlurm, slurmError } from "../jobs/slurm/slurm-commands.js";
import { readRunStatus, type RunStatus } from "./run-status.js";

export interface Cancelled {
  /** Processes that were asked to stop. */
  readonly processes: readonly Writer[];
  /** Processes on other hosts, in other containers or of other users, which cannot be asked from here. */
  readonly elsewhere: readonly Writer[];
  /** Jobs of Slurm. */
  readonly tasks: readonly string[];
}

/** How long a process that watches Slurm may take to end; a training here may write its checkpoint for longer. */
const patienceMilliseconds = 10_000;

/** Stops whatever runs of a run; all of it can resume. @throws StrataError if Slurm does not answer, or refuses */
export async function cancelRun(store: Store, folder: string): Promise<Cancelled> {
  const status = await readRunStatus(store, folder);
  // First: a watcher would submit again what Slurm has ended.
  const processes = status.watchers.filter(interrupt);
  const elsewhere = status.watchers.filter((watcher) => !processes.includes(watcher) && !isGone(watcher));
  const tasks = new Set(await endTasks(status));
  if (tasks.size > 0 && processes.length > 0) {
    await ended(processes);
    // What they submitted in the meantime.
    for (const task of await endTasks(await readRunStatus(store, folder))) tasks.add(task);
  }
  return { processes, elsewhere, tasks: [...tasks] };
}

/** Asks a process to stop. @returns whether it can be asked */
function interrupt(watcher: Writer): boolean {
  if (!isReachable(watcher)) return false;
  try {
    process.kill(watcher.pid, "SIGINT");
    return true;
  } catch {
    return false;
  }
}

async function ended(processes: readonly Writer[]): Promise<void> {
  const start = performance.now();
  while (!processes.every(isGone) && performance.now() - start < patienceMilliseconds) await sleep(100);
}

/** @returns the jobs that were queued or running */
async function endTasks({ jobs, steps, queueIsUnknown }: RunStatus): Promise<readonly string[]> {
  if (queueIsUnknown) throw slurmError("squeue", "say which jobs are queued", "no answer");
  const queued = jobs.flatMap(({ state, task }) =>
    task !== null && (state === "running" || state === "queued") ? [task.id] : [],
  );
  const tasks = [...queued, ...(steps === null ? [] : [steps.check, steps.report])].filter((id) => id !== null);
  if (tasks.length > 0) {
    const { failed, err } = await askSlurm("scancel", tasks);
    if (failed && queued.length > 0) throw slurmError("scancel", "end the jobs", err);
  }
  return queued;
}
