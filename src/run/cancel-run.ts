import { thisHost, type Writer } from "../files/writer.js";
import type { Store } from "../jobs/job-folder.js";
import { askSlurm, slurmError } from "../jobs/slurm/slurm-commands.js";
import { readRunStatus } from "./run-status.js";

export interface Cancelled {
  /** Processes on this host that were asked to stop. */
  readonly processes: readonly Writer[];
  /** Processes elsewhere, which cannot be asked from here. */
  readonly elsewhere: readonly Writer[];
  /** Jobs and steps of Slurm. */
  readonly tasks: readonly string[];
}

/** Stops whatever runs of a run; all of it can resume. @throws StrataError if Slurm refuses */
export async function cancelRun(store: Store, folder: string): Promise<Cancelled> {
  const { jobs, steps, watchers } = await readRunStatus(store, folder);
  const [processes, elsewhere] = [true, false].map((here) =>
    watchers.filter(({ host }) => (host === thisHost()) === here),
  );
  // First: a watcher would submit again what Slurm has ended.
  for (const { pid } of processes) process.kill(pid, "SIGINT");
  const queued = jobs.flatMap(({ state, task }) =>
    task !== null && (state === "running" || state === "queued") ? [task.id] : [],
  );
  const tasks = [...queued, ...(steps === null ? [] : [steps.check, steps.report])].filter((id) => id !== null);
  if (tasks.length > 0) {
    const { failed, err } = await askSlurm("scancel", tasks);
    if (failed && queued.length > 0) throw slurmError("scancel", "end the jobs", err);
  }
  return { processes, elsewhere, tasks: queued };
}
