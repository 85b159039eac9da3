import { existsSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { StrataError } from "../../errors/strata-error.js";
import { archiveError, isInside } from "../../files/archive/manifest.js";
import { writeArchive } from "../../files/archive/write-archive.js";
import { leaseHolder, type Lease } from "../../files/lease.js";
import { isReachable } from "../../files/writer.js";
import { selectSnapshot } from "../../hub/select-snapshot.js";
import { fetchSelection } from "../../hub/selection.js";
import type { HubAccess } from "../../hub/settings.js";
import { identifyJob, type Execution, type Job, type JobInput } from "../../jobs/job.js";
import type { JobStatus } from "../../jobs/executor.js";
import { followProgress, jobFolder, readDone, type Store } from "../../jobs/job-folder.js";
import { createLocalExecutor } from "../../jobs/local/local-executor.js";
import { extractPart } from "../../jobs/packed/extract-part.js";
import {
  isLine,
  jobIdPattern,
  openDone,
  openPart,
  type FetchedFile,
  type OpenDone,
  type OpenPart,
} from "../../jobs/packed/pack-format.js";
import { planDone } from "../../jobs/packed/plan-done.js";
import { version } from "../../version.js";
import type { JobsState } from "../execute-runs.js";
import { jobKinds } from "../kinds/job-kinds.js";

export interface WorkOptions {
  readonly execution: Execution;
  /** See `RunOptions`. */
  readonly program: string;
  readonly signal: AbortSignal;
  readonly hub: HubAccess;
  /** Bytes available on the disk of a folder. */
  readonly freeDisk: (folder: string) => number;
  /** Of the extracted part and its checkpoint; kept when the work is interrupted. */
  readonly work: string;
  /** Whether `work` stays at the end. */
  readonly keep: boolean;
  /** The right to work on the part, which this process has. */
  readonly lease: Lease;
  readonly onStart: (state: JobsState) => void;
  readonly onChange: (state: JobsState, job: Job, status: JobStatus) => void;
}

/** The file for the results of a part: `part-2.strata` → `part-2.done.strata`. */
export function doneFileOf(file: string): string {
  return `${file.replace(/\.strata$/, "")}.done.strata`;
}

/** Whether the result of a part is written. @throws StrataError if the file of the part cannot be read */
export async function hasResult(file: string): Promise<boolean> {
  const result = await resultAt(doneFileOf(file));
  return result !== null && result.manifest.job === (await openPart(file)).manifest.job;
}

/** Null if there is none, or a damaged one. */
async function resultAt(path: string): Promise<OpenDone | null> {
  return existsSync(path) ? openDone(path).catch(() => null) : null;
}

/** Keeps a result of another part that has the same name, perhaps of the round before: nobody may have collected it. */
async function setAside(path: string, job: string): Promise<void> {
  const other = await resultAt(path);
  if (other === null || other.manifest.job === job) return;
  renameSync(path, path.replace(/\.done\.strata$/, `.${other.manifest.job}.done.strata`));
}

export interface WorkResult {
  readonly outcome: "finished" | "failed" | "interrupted";
  readonly failure: string | null;
  /** Of the content of the written file; null unless finished. */
  readonly bytes: number | null;
}

/** Trains a part and writes `doneFileOf` it. An interrupted training resumes from its checkpoint. */
export async function workPart(part: OpenPart, options: WorkOptions): Promise<WorkResult> {
  const { work, signal, hub, freeDisk, keep, lease } = options;
  const fetched = part.manifest.fetch;
  const job = await extractPart(part, work, { freeBytes: freeDisk(dirname(work)), signal });
  checkIdentity(part, job);
  await fetchFiles(fetched, work, hub);
  const store: Store = { folder: work };
  removeForeignLock(store, job);
  const failure = await trainPart(store, job, options);
  if (signal.aborted) return { outcome: "interrupted", failure: null, bytes: null };
  if (failure !== null) return { outcome: "failed", failure, bytes: null };
  const archive = await planDone(store, part, job);
  lease.check();
  await setAside(doneFileOf(part.path), job.id);
  await writeArchive(doneFileOf(part.path), archive, signal);
  if (!keep) rmSync(work, { recursive: true, force: true });
  return { outcome: "finished", failure: null, bytes: archive.bytes };
}

/** The id of a job contains the version of its kind, so that no machine computes it in another way. */
function checkIdentity({ path, manifest }: OpenPart, job: Job): void {
  const kind = Object.hasOwn(jobKinds, String(job.kind)) ? jobKinds[job.kind as keyof typeof jobKinds] : null;
  const id = kind === null || job.id !== manifest.job ? null : identifyJob(job, kind.version).id;
  const isInput = (input: JobInput) => jobIdPattern.test(input.job) && (input.path === "." || isInside(input.path));
  const isSafe = isLine(job.title) && Object.values(job.inputs).every(isInput);
  if (id === manifest.job && job.kind === "train" && isSafe) return;
  const hint = "Use the version of Strata that packed the part, and the file as it was written.";
  const got = `another job for Strata ${version}`;
  throw archiveError(path, `the training ${manifest.job} of Strata ${manifest.version}`, got, hint);
}

/** Downloads files to the hub's cache and links them; the job verifies their hashes. */
async function fetchFiles(files: readonly FetchedFile[], work: string, hub: HubAccess): Promise<void> {
  const missing = files.filter(({ target }) => !existsSync(join(work, target)));
  for (const { repository: id, commit: revision, path, target } of missing) {
    const choice = { include: [path], exclude: [] };
    const selection = await selectSnapshot({ kind: "model", id, revision }, choice, hub);
    const { folder } = await fetchSelection(selection, hub);
    const link = join(work, target);
    createFolder(dirname(link));
    rmSync(link, { force: true });
    symlinkSync(resolve(folder, path), link);
  }
}

/**
 * Another machine that worked on this part no longer has the lease: it has ended, or it finds its locks gone. A process
 * of this host may still write its checkpoint; the job waits for it.
 */
function removeForeignLock(store: Store, { id }: Job): void {
  const lock = join(jobFolder(store, id), "lock");
  const holder = leaseHolder(lock);
  if (holder !== null && !isReachable(holder)) rmSync(lock, { force: true });
}

/** @returns the failure; null if the job is done or was interrupted */
async function trainPart(store: Store, job: Job, options: WorkOptions): Promise<string | null> {
  const { execution, program, signal, onStart, onChange } = options;
  const statuses = new Map<string, JobStatus>();
  const state: JobsState = { jobs: [job], statuses, progress: followProgress(store) };
  const executor = createLocalExecutor(store, { parallel: 1, execution }, program, (changed, status) => {
    statuses.set(changed.id, status);
    onChange(state, changed, status);
  });
  const stop = () => void executor.stop();
  signal.addEventListener("abort", stop);
  try {
    if (signal.aborted) return null;
    for (const id of new Set(Object.values(job.inputs).map((input) => input.job))) executor.submit(inputJob(store, id));
    executor.submit(job);
    onStart(state);
    await executor.finished();
  } finally {
    signal.removeEventListener("abort", stop);
  }
  const { state: end, failure } = executor.status(job.id);
  return end === "done" || signal.aborted ? null : (failure ?? end);
}

/** An input of the part, which is done: its own description is not in the pack. */
function inputJob(store: Store, id: string): Job {
  const done = readDone(store, id);
  if (done === null) {
    throw new StrataError("RunError", {
      where: join(store.folder, "jobs", id),
      expected: "an input of the part",
      got: "none",
      hint: `Remove the folder ${basename(store.folder)} and run the same command again.`,
    });
  }
  return { id, kind: "", title: done.title, parameters: null, inputs: {}, flops: 0, exclusive: false };
}
