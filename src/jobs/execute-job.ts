import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { openDevice } from "../device/open-device.js";
import type { Device, ComputeDType } from "../device/kernels.js";
import { StrataError } from "../errors/strata-error.js";
import { writeJsonAtomic } from "../files/atomic-file.js";
import { describeWriter } from "../files/writer.js";
import { checkoutCommit } from "../commit.js";
import { version } from "../version.js";
import type { Execution, Job } from "./job.js";
import {
  hashOutputs,
  jobFolder,
  readDone,
  removePartialFiles,
  verifyOutputs,
  type Done,
  type JobProgress,
  type Store,
} from "./job-folder.js";
import { lockJob } from "./job-lock.js";
import { plural } from "../text/plural.js";

/** What a kind of job gets to work with. */
export interface JobContext {
  readonly job: Job;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly threads: number;
  /** Path of an input. @throws Error if the job has no such input */
  input(name: string): string;
  /** Opened on first use; a job uses one. */
  device(computeDType: ComputeDType): Device;
  progress(progress: JobProgress): void;
  /** Writes a line to the log. */
  note(line: string): void;
}

/** What a kind returns: its facts, and the seconds of its own work. */
export interface JobResult {
  readonly seconds: number;
  readonly result: unknown;
  /** Files in the folder that are of use until the job is done: no outputs, and removed then. */
  readonly temporary?: readonly string[];
}

/** One kind of job: what it does, and the version of its code, which a change of what it writes raises. */
export interface JobKind {
  readonly version: number;
  readonly run: (context: JobContext) => Promise<JobResult>;
}

/** Kinds by name. */
export type JobKinds = Readonly<Record<string, JobKind>>;

/**
 * Does the job of a folder, which holds its job.json, and records it in done.json.
 *
 * @param note  takes lines for the log
 */
export async function executeJob(
  folder: string,
  kinds: JobKinds,
  execution: Execution,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<void> {
  const job = JSON.parse(readFileSync(join(folder, "job.json"), "utf8")) as Job;
  const store: Store = { folder: dirname(dirname(folder)) };
  const unlock = await lockJob(folder, (holder) =>
    note(`waiting for ${describeWriter(holder)}, which does the same job`),
  );
  try {
    if (readDone(store, job.id)) return;
    removePartialFiles(folder);
    note(`${job.title}: process ${process.pid} with ${plural(execution.threads, "thread")}`);
    for (const { job: id, path } of Object.values(job.inputs)) await verifyOutputs(store, id, path);
    const started = performance.now();
    const context = createContext(job, folder, store, execution, signal, note);
    const { seconds, result, temporary = [] } = await kindOf(job, kinds).run(context);
    note(`${job.title}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    const done: Done = {
      id: basename(folder),
      title: job.title,
      machine: `${hostname()}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
      device: context.deviceName(),
      threads: execution.threads,
      version,
      commit: checkoutCommit(),
      finished: new Date().toISOString(),
      seconds,
      outputs: await hashOutputs(folder, temporary),
      result,
    };
    writeJsonAtomic(join(folder, "done.json"), done);
    for (const name of ["progress.json", ...temporary]) rmSync(join(folder, name), { force: true });
  } finally {
    unlock();
  }
}

function kindOf({ id, kind }: Job, kinds: JobKinds): JobKind {
  if (Object.hasOwn(kinds, kind)) return kinds[kind];
  throw new StrataError("RunError", {
    where: `job ${id}`,
    expected: `a kind of job: ${Object.keys(kinds).join(", ")}`,
    got: JSON.stringify(kind),
    hint: "The job was written by another version of Strata: run the recipe again with this one.",
  });
}

function createContext(
  job: Job,
  folder: string,
  store: Store,
  execution: Execution,
  signal: AbortSignal,
  note: (line: string) => void,
) {
  let device: Device | null = null;
  let told = 0;
  return {
    job,
    folder,
    signal,
    threads: execution.threads,
    note,
    input(name: string): string {
      const input = job.inputs[name];
      if (!input) throw new Error(`job ${job.id} has no input ${name}`);
      return join(jobFolder(store, input.job), input.path);
    },
    device(computeDType: ComputeDType): Device {
      device ??= openDevice(execution.device, execution.threads, computeDType);
      return device;
    },
    deviceName: () =>
      device ? `${device.facts.device} ${device.facts.instructionSet}, ${device.facts.computeDType}` : "none",
    progress(progress: JobProgress) {
      const now = performance.now();
      if (now - told < 300 && progress.done < progress.total) return;
      told = now;
      // Overwritten several times a second and worthless after a crash: no fsync, and a full disk must not end the work here.
      try {
        writeFileSync(join(folder, "progress.json"), JSON.stringify(progress));
      } catch {
        return;
      }
    },
  };
}
