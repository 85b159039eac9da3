import type { JobState, JobStatus } from "./executor.js";
import { readDone, type Store } from "./job-folder.js";
import { dependenciesOf, type Job } from "./job.js";

/** A submitted job. */
export interface JobEntry {
  readonly job: Job;
  status: JobStatus;
}

/** The submitted jobs with their states, in the order of submission. */
export interface JobTable {
  /** Adds a job, unless it was added before: as `done` if it is, else as `waiting`. @returns whether it is new */
  submit(job: Job): boolean;
  status(id: string): JobStatus;
  /** Changes a status and calls `onChange`. */
  update(entry: JobEntry, change: Partial<JobStatus>): void;
  inState(...states: readonly JobState[]): JobEntry[];
  /** `ready` if all dependencies are done, `blocked` if one failed, was skipped or cancelled, otherwise `waiting`. */
  readiness(job: Job): "ready" | "blocked" | "waiting";
  /** Skips the waiting jobs whose inputs will never exist. */
  skipBlocked(): void;
}

const unknown: JobStatus = { state: "waiting", failure: null, reused: false };

/** @param onChange  called for every new status, and for a submitted job that is already done */
export function createJobTable(store: Store, onChange: (job: Job, status: JobStatus) => void): JobTable {
  const entries = new Map<string, JobEntry>();
  const table: JobTable = {
    submit(job) {
      if (entries.has(job.id)) return false;
      const reused = readDone(store, job.id) !== null;
      const status: JobStatus = { state: reused ? "done" : "waiting", failure: null, reused };
      entries.set(job.id, { job, status });
      if (reused) onChange(job, status);
      return true;
    },
    status: (id) => entries.get(id)?.status ?? unknown,
    update(entry, change) {
      entry.status = { ...entry.status, ...change };
      onChange(entry.job, entry.status);
    },
    inState: (...states) => [...entries.values()].filter(({ status }) => states.includes(status.state)),
    readiness(job) {
      const states = dependenciesOf(job).map((id) => entries.get(id)?.status.state);
      if (states.some((state) => state === "failed" || state === "skipped" || state === "cancelled")) return "blocked";
      return states.every((state) => state === "done") ? "ready" : "waiting";
    },
    skipBlocked() {
      // A skipped job blocks others, which may be earlier in the table.
      const blocked = () => table.inState("waiting").filter(({ job }) => table.readiness(job) === "blocked");
      for (let some = blocked(); some.length > 0; some = blocked()) {
        for (const entry of some) if (entry.status.state === "waiting") table.update(entry, { state: "skipped" });
      }
    },
  };
  return table;
}
