import { rmSync } from "node:fs";
import { cpus } from "node:os";
import { basename, dirname, join } from "node:path";
import { openDevice } from "../device/open-device.js";
import type { Instructions } from "../device/instructions.js";
import { describeProducts, type Device, type ComputeDType } from "../device/kernels.js";
import { StrataError } from "../errors/strata-error.js";
import { writeJsonAtomic } from "../files/atomic-file.js";
import { syncFiles } from "../files/sync-files.js";
import { takeLease, type Lease } from "../files/lease.js";
import { describeWriter, thisHost } from "../files/writer.js";
import { checkoutCommit } from "../commit.js";
import { version } from "../version.js";
import { identifyJob, type Execution, type Job } from "./job.js";
import {
  hashOutputs,
  jobFolder,
  readDone,
  rememberOutputs,
  removePartialFiles,
  verifyOutputs,
  writeDone,
  type Done,
  type JobProgress,
  type Store,
} from "./job-folder.js";
import { plural } from "../text/plural.js";
import { readText } from "../files/read-text.js";

/** The arguments of a kind's `run`. */
export interface JobContext {
  readonly job: Job;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly threads: number;
  readonly instructions: Instructions;
  /** Path of an input. @throws Error if the job has no such input */
  input(name: string): string;
  /** Opened on the first call; later calls, also before it is open, give the same device. */
  device(computeDType: ComputeDType): Promise<Device>;
  /** @throws StrataError if another process has taken the job over */
  progress(progress: JobProgress): void;
  /** Appends a line to the log. */
  note(line: string): void;
}

/** The result of a job, recorded in done.json. */
export interface JobResult {
  /** Duration of the work, over all its interrupted runs. */
  readonly seconds: number;
  readonly result: unknown;
  /** Files in the folder that only the running job needs: not outputs, removed at the end. */
  readonly temporary?: readonly string[];
  /** How it was computed, if not only as the device of now does; see `describeProducts`. */
  readonly products?: string;
}

/** A kind of job. `version` is part of job ids: raise it when the output changes. */
export interface JobKind {
  readonly version: number;
  readonly run: (context: JobContext) => Promise<JobResult>;
}

/** Kinds by name. */
export type JobKinds = Readonly<Record<string, JobKind>>;

/**
 * Runs the job described by `folder/job.json` and records it in done.json.
 *
 * @param note  appends a line to the log
 */
export async function executeJob(
  folder: string,
  kinds: JobKinds,
  execution: Execution,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<void> {
  const job = readJob(folder, kinds);
  const store: Store = { folder: dirname(dirname(folder)) };
  const lease = await takeLease(
    join(folder, "lock"),
    (holder) => note(`waiting for ${describeWriter(holder)}, which runs the same job`),
    signal,
  );
  try {
    if (readDone(store, job.id)) return;
    removePartialFiles(folder, lease.previous);
    note(`${job.title}: process ${process.pid} with ${plural(execution.threads, "thread")}`);
    for (const { job: id, path } of Object.values(job.inputs)) await verifyOutputs(store, id, path);
    const started = performance.now();
    const context = createContext(job, folder, store, execution, signal, note, lease);
    const { seconds, result, temporary = [], products } = await runKind(kinds[job.kind], context, note);
    lease.check();
    note(`${job.title}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    const outputs = await hashOutputs(folder, temporary);
    await syncFiles(Object.keys(outputs).map((name) => join(folder, name)));
    const done: Done = {
      id: basename(folder),
      title: job.title,
      machine: `${thisHost()}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
      device: await context.deviceName(products),
      threads: execution.threads,
      version,
      commit: checkoutCommit(),
      finished: new Date().toISOString(),
      seconds,
      outputs,
      result,
    };
    lease.check();
    writeDone(folder, done);
    rememberOutputs(folder, outputs);
    for (const name of ["progress.json", ...temporary]) rmSync(join(folder, name), { force: true });
  } finally {
    lease.release();
  }
}

/** Runs the job; if its GPU stops working, once more, from the last checkpoint on a device that is opened anew. */
async function runKind(
  kind: JobKind,
  context: ReturnType<typeof createContext>,
  note: (line: string) => void,
): Promise<JobResult> {
  try {
    return await kind.run(context);
  } catch (error) {
    if (!(error instanceof StrataError && error.kind === "DeviceLostError")) throw error;
    note(`${error.message}\nThe device is opened again, and the job continues from its last checkpoint.`);
    context.forgetDevice();
    return kind.run(context);
  }
}

/** @throws StrataError unless the job is the one that its folder is named after */
function readJob(folder: string, kinds: JobKinds): Job {
  const path = join(folder, "job.json");
  const id = basename(folder);
  const job = parseJob(path);
  const found = job === null ? "no job" : identifyJob(job, kindOf(path, job, kinds).version).id;
  if (job !== null && found === id && job.id === id) return job;
  throw new StrataError("RunError", {
    where: path,
    expected: `the job ${id}`,
    got: found,
    hint: "The file was damaged after it was written: run the recipe again, which writes it again.",
  });
}

function parseJob(path: string): Job | null {
  try {
    return JSON.parse(readText(path)) as Job;
  } catch {
    return null;
  }
}

function kindOf(path: string, { kind }: Job, kinds: JobKinds): JobKind {
  if (Object.hasOwn(kinds, kind)) return kinds[kind];
  throw new StrataError("RunError", {
    where: path,
    expected: `a kind of job: ${Object.keys(kinds).join(", ")}`,
    got: JSON.stringify(kind),
    hint: "Another version of Strata created the job: run the recipe again with this version.",
  });
}

function createContext(
  job: Job,
  folder: string,
  store: Store,
  execution: Execution,
  signal: AbortSignal,
  note: (line: string) => void,
  lease: Lease,
) {
  let device: Promise<Device> | null = null;
  let written = 0;
  return {
    job,
    folder,
    signal,
    threads: execution.threads,
    instructions: execution.instructions,
    note,
    input(name: string): string {
      const input = job.inputs[name];
      if (!input) throw new Error(`job ${job.id} has no input ${name}`);
      return join(jobFolder(store, input.job), input.path);
    },
    device(computeDType: ComputeDType): Promise<Device> {
      const { instructions } = execution;
      device ??= openDevice(execution.device, execution.threads, computeDType, { instructions });
      return device;
    },
    forgetDevice(): void {
      device = null;
    },
    async deviceName(products?: string): Promise<string> {
      if (device === null) return "none";
      const { facts } = await device;
      return `${facts.device} ${products ?? describeProducts(facts)}`;
    },
    progress(progress: JobProgress) {
      lease.check();
      const now = performance.now();
      if (now - written < 300 && progress.done < progress.total) return;
      written = now;
      // Needed only while the job runs: no fsync, and a full disk must not abort the job here.
      try {
        writeJsonAtomic(join(folder, "progress.json"), progress, false);
      } catch {
        return;
      }
    },
  };
}
