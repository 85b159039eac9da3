import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Executor, JobStatus, Pool } from "./executor.js";
import { dependenciesOf, type Job } from "./job.js";
import { jobFolder, readDone, writeJob, type Store } from "./job-folder.js";

interface Entry {
  readonly job: Job;
  status: JobStatus;
  child: ChildProcess | null;
}

const program = fileURLToPath(new URL("../cli/main.js", import.meta.url));

/** A pool of processes on this machine: `parallel` jobs of `threads` threads; a whole-machine job runs alone with all. */
export function createLocalExecutor(store: Store, pool: Pool, onChange: (job: Job, status: JobStatus) => void): Executor {
  const entries = new Map<string, Entry>();
  let stopping = false;
  let wake: () => void = () => {};

  const set = (entry: Entry, status: Partial<JobStatus>) => {
    entry.status = { ...entry.status, ...status };
    onChange(entry.job, entry.status);
  };
  const running = () => [...entries.values()].filter(({ status }) => status.state === "running");
  const open = () => [...entries.values()].filter(({ status }) => ["waiting", "running"].includes(status.state));

  const start = (entry: Entry) => {
    const folder = writeJob(store, entry.job);
    const threads = pool.execution.threads * (entry.job.wholeMachine ? pool.parallel : 1);
    const log = openSync(join(folder, "log.txt"), "a");
    const args = [program, "job", folder, "--threads", String(threads), "--device", pool.execution.device];
    entry.child = spawn(process.execPath, args, { stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    set(entry, { state: "running" });
    entry.child.once("error", (error) => finish(entry, error.message));
    entry.child.once("exit", (code, signal) => finish(entry, code === null ? `killed by ${signal}` : `exit code ${code}`));
  };

  const finish = (entry: Entry, how: string) => {
    entry.child = null;
    if (readDone(store, entry.job.id)) set(entry, { state: "done" });
    else if (stopping || entry.status.state === "cancelled") set(entry, { state: "cancelled" });
    else set(entry, { state: "failed", failure: `${how}\n${logEnd(store, entry.job.id)}` });
    advance();
  };

  const advance = () => {
    for (const entry of entries.values()) {
      if (entry.status.state !== "waiting") continue;
      const states = dependenciesOf(entry.job).map((id) => entries.get(id)?.status.state);
      if (states.some((state) => state === "failed" || state === "skipped" || state === "cancelled")) {
        set(entry, { state: "skipped" });
        continue;
      }
      if (stopping || !states.every((state) => state === "done")) continue;
      const busy = running();
      const alone = entry.job.wholeMachine || busy.some(({ job }) => job.wholeMachine);
      if (busy.length >= (alone ? 1 : pool.parallel)) continue;
      start(entry);
    }
    if (open().length === 0 || (stopping && running().length === 0)) wake();
  };

  return {
    submit(job) {
      if (entries.has(job.id)) return;
      const reused = readDone(store, job.id) !== null;
      const entry: Entry = { job, status: { state: reused ? "done" : "waiting", failure: null, reused }, child: null };
      entries.set(job.id, entry);
      if (reused) onChange(job, entry.status);
    },
    status: (id) => entries.get(id)?.status ?? { state: "waiting", failure: null, reused: false },
    cancel(id) {
      const entry = entries.get(id);
      if (!entry || !["waiting", "running"].includes(entry.status.state)) return;
      set(entry, { state: "cancelled" });
      entry.child?.kill("SIGTERM");
      advance();
    },
    log: (id) => logEnd(store, id),
    finished: () =>
      new Promise((resolve) => {
        wake = resolve;
        advance();
      }),
    async stop() {
      stopping = true;
      const ended = running().map(({ child }) => new Promise((resolve) => child?.once("exit", resolve)));
      for (const { child } of running()) child?.kill("SIGTERM");
      await Promise.all(ended);
    },
  };
}

/** The last lines that a job printed. */
function logEnd(store: Store, id: string): string {
  const path = join(jobFolder(store, id), "log.txt");
  if (!existsSync(path)) return "";
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-12).join("\n");
}
