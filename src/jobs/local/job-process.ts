import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Pool } from "../executor.js";
import type { Job } from "../job.js";
import { writeJob, type Store } from "../job-folder.js";
import { logPath } from "./job-log.js";

/** The IPC message of a failing job to the run that started it. */
export interface JobMessage {
  readonly failure: string;
}

export interface ProcessEnd {
  /** Such as `exit code 1` or `killed by SIGKILL`. */
  readonly reason: string;
  /** The failure that the job reported; null if it reported none. */
  readonly failure: string | null;
}

export interface JobProcess {
  /** Asks the process to end (SIGTERM). */
  terminate(): void;
  readonly ended: Promise<ProcessEnd>;
}

/**
 * Starts `PROGRAM job FOLDER --threads N --device NAME`, whose output is appended to the job's log.
 *
 * @throws Error if the job's description or its log cannot be written
 */
export function startJobProcess(store: Store, job: Job, { execution, parallel }: Pool, program: string): JobProcess {
  const folder = writeJob(store, job);
  const threads = execution.threads * (job.exclusive ? parallel : 1);
  const log = openSync(logPath(store, job.id), "a");
  const args = [program, "job", folder, "--threads", String(threads), "--device", execution.device];
  const child = spawn(process.execPath, args, { stdio: ["ignore", log, log, "ipc"], detached: true });
  closeSync(log);
  return { terminate: () => void child.kill("SIGTERM"), ended: endOf(child) };
}

/** Waits for the exit and for the end of the IPC channel: a message may arrive after the exit. */
async function endOf(child: ChildProcess): Promise<ProcessEnd> {
  let failure: string | null = null;
  child.on("message", (message: JobMessage) => (failure = message.failure));
  const notStarted = new Promise<string>((resolve) => child.once("error", ({ message }) => resolve(message)));
  const disconnected = new Promise((resolve) => child.once("disconnect", resolve));
  const closed = new Promise<string>((resolve) =>
    child.once("close", (code, signal) => resolve(code === null ? `killed by ${signal}` : `exit code ${code}`)),
  );
  const reason = await Promise.race([notStarted, disconnected.then(() => closed)]);
  return { reason, failure };
}
