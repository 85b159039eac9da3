import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Executor, JobStatus, Pool } from "../executor.js";
import { fileError } from "../../files/atomic-file.js";
import { StrataError } from "../../errors/strata-error.js";
import { dependenciesOf, type Job } from "../job.js";
import { jobFolder, readDone, writeJob, type Store } from "../job-folder.js";

interface Entry {
  readonly job: Job;
  status: JobStatus;
  child: ChildProcess | null;
  /** When its process has ended, if it was started. */
  ended: Promise<void> | null;
  /** What its process said of its failure. */
  told: string | null;
}

/** What a job's process sends to the run that started it. */
export interface JobMessage {
  readonly failure: string;
}

/**
 * A pool of processes on this machine: `parallel` jobs of `threads` threads; a whole-machine job runs alone with all.
 *
 * @param program  script whose command `job FOLDER --threads N --device NAME` does the job of a folder
 */
export function createLocalExecutor(
  store: Store,
  pool: Pool,
  program: string,
  onChange: (job: Job, status: JobStatus) => void,
): Executor {
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
    try {
      startProcess(entry);
    } catch (error) {
      // A full disk, for example, that has no room for the job's description or its log.
      const known =
        error instanceof StrataError ? error : fileError(jobFolder(store, entry.job.id), "start the job there", error);
      set(entry, { state: "failed", failure: String(known) });
    }
  };

  const startProcess = (entry: Entry) => {
    const folder = writeJob(store, entry.job);
    const threads = pool.execution.threads * (entry.job.exclusive ? pool.parallel : 1);
    const log = openSync(join(folder, "log.txt"), "a");
    const args = [program, "job", folder, "--threads", String(threads), "--device", pool.execution.device];
    const child = spawn(process.execPath, args, { stdio: ["ignore", log, log, "ipc"], detached: true });
    entry.child = child;
    closeSync(log);
    set(entry, { state: "running" });
    child.on("message", ({ failure }: JobMessage) => (entry.told = failure));
    child.once("error", (error) => finish(entry, error.message));
    entry.ended = endOf(child).then((how) => finish(entry, how));
  };

  const finish = (entry: Entry, how: string) => {
    entry.child = null;
    if (readDone(store, entry.job.id)) set(entry, { state: "done" });
    else if (stopping || entry.status.state === "cancelled") set(entry, { state: "cancelled" });
    else set(entry, { state: "failed", failure: entry.told ?? endedSilently(store, entry.job, how) });
    forwardCached();
  };

  const forwardCached = () => {
    for (const entry of entries.values()) {
      if (entry.status.state !== "waiting") continue;
      const states = dependenciesOf(entry.job).map((id) => entries.get(id)?.status.state);
      if (states.some((state) => state === "failed" || state === "skipped" || state === "cancelled")) {
        set(entry, { state: "skipped" });
        continue;
      }
      if (stopping || !states.every((state) => state === "done")) continue;
      const busy = running();
      const alone = entry.job.exclusive || busy.some(({ job }) => job.exclusive);
      if (busy.length >= (alone ? 1 : pool.parallel)) continue;
      start(entry);
    }
    if (open().length === 0 || (stopping && running().length === 0)) wake();
  };

  return {
    submit(job) {
      if (entries.has(job.id)) return;
      const reused = readDone(store, job.id) !== null;
      const entry: Entry = {
        job,
        status: { state: reused ? "done" : "waiting", failure: null, reused },
        child: null,
        ended: null,
        told: null,
      };
      entries.set(job.id, entry);
      if (reused) onChange(job, entry.status);
    },
    status: (id) => entries.get(id)?.status ?? { state: "waiting", failure: null, reused: false },
    cancel(id) {
      const entry = entries.get(id);
      if (!entry || !["waiting", "running"].includes(entry.status.state)) return;
      set(entry, { state: "cancelled" });
      entry.child?.kill("SIGTERM");
      forwardCached();
    },
    log: (id) => logEnd(store, id),
    finished: () =>
      new Promise((resolve) => {
        wake = resolve;
        forwardCached();
      }),
    async stop() {
      stopping = true;
      const stopped = running();
      for (const { child } of stopped) child?.kill("SIGTERM");
      await Promise.all(stopped.map(({ ended }) => ended));
    },
  };
}

/** How a process ended. What it said may be read only after its end: then the channel closes. */
async function endOf(child: ChildProcess): Promise<string> {
  const silent = new Promise((resolve) => child.once("disconnect", resolve));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once("close", (...how) => resolve(how)),
  );
  await silent;
  return code === null ? `killed by ${signal}` : `exit code ${code}`;
}

/** Why a job failed whose process ended without a word: it was killed, or crashed. */
function endedSilently(store: Store, { id, title }: Job, how: string): string {
  const error = new StrataError("RunError", {
    where: `${title} (${id})`,
    expected: "its process to end by itself",
    got: how,
    hint:
      "Run the same command again: it goes on from the last checkpoint. The system kills processes when memory runs out; " +
      "lower `machine.parallel` then.",
  });
  const end = logEnd(store, id);
  return `${String(error)}\n${end === "" ? "Its log is empty." : `The end of its log:\n${end}`}`;
}

/** The last lines that a job printed. */
function logEnd(store: Store, id: string): string {
  const path = join(jobFolder(store, id), "log.txt");
  if (!existsSync(path)) return "";
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-12).join("\n");
}
