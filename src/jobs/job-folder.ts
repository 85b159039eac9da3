import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { createFolder } from "../files/create-folder.js";
import { fileError, writeJsonAtomic } from "../files/atomic-file.js";
import { StrataError } from "../errors/strata-error.js";
import { hashFile, hashFileSync, hashValue } from "../files/hash.js";
import type { Job } from "./job.js";
import { parsePartialName } from "../files/partial-files.js";
import { isGone, isSameWriter, type Writer } from "../files/writer.js";
import { openVerifiedFiles } from "./verified-files.js";
import { readText } from "../files/read-text.js";

/** The done.json of a finished job: the source of all facts in reports. */
export interface Done {
  readonly id: string;
  readonly title: string;
  readonly machine: string;
  readonly device: string;
  readonly threads: number;
  readonly version: string;
  /** Git commit of the program; null if it is not a checkout. */
  readonly commit: string | null;
  readonly finished: string;
  /** Duration of the work, over all its interrupted runs. */
  readonly seconds: number;
  readonly outputs: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  readonly result: unknown;
  /** Whether the outputs were removed after every job that needed them was done. */
  readonly pruned?: boolean;
}

/** The progress.json of a running job, overwritten repeatedly. */
export interface JobProgress {
  readonly done: number;
  readonly total: number;
  /** Unit of `done` and `total`; `bytes` are displayed as MB. */
  readonly unit: string;
  readonly note: string;
  /** Absent if the job cannot estimate it. */
  readonly secondsLeft?: number;
  /** Of a training: tokens predicted per second since this process began its steps; absent before its second step. */
  readonly tokensPerSecond?: number;
}

/** The folder with the jobs of all recipes, in `jobs/ID`. */
export interface Store {
  readonly folder: string;
}

export function jobFolder(store: Store, id: string): string {
  return join(store.folder, "jobs", id);
}

export function writeJob(store: Store, job: Job): string {
  const folder = jobFolder(store, job.id);
  createFolder(folder);
  // Written again before every start of the job, so it need not survive a failure of power.
  writeJsonAtomic(join(folder, "job.json"), job, false);
  return folder;
}

/** Null without the file. An error of the disk does not make a job "not done". */
function readRecord(path: string): string | null {
  try {
    return readText(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw fileError(path, "read the record of the job", error);
  }
}

function parseJson<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

/** The record of a finished job; null if it is not finished. @throws StrataError if it is damaged or cannot be read */
export function readDone(store: Store, id: string): Done | null {
  const folder = jobFolder(store, id);
  const path = join(folder, "done.json");
  const text = readRecord(path);
  if (text === null) return null;
  const { sha256, ...done } = parseJson<Done & { readonly sha256?: string }>(text) ?? {};
  const hash = hashValue(done);
  if (hash === sha256) return done as Done;
  const expected = sha256 === undefined ? "a record that ends with its sha256" : `sha256 ${shortHash(String(sha256))}`;
  throw damagedInput(path, expected, sha256 === undefined ? "other content" : shortHash(hash), folder);
}

/** The content of done.json: the hash of the record's canonical JSON is the last member. */
export function sealDone(done: Done): Done & { readonly sha256: string } {
  return { ...done, sha256: hashValue(done) };
}

/** Writes the record. It makes the job done. */
export function writeDone(folder: string, done: Done): void {
  writeJsonAtomic(join(folder, "done.json"), sealDone(done));
}

export function readProgress(store: Store, id: string): JobProgress | null {
  try {
    return parseJson<JobProgress>(readText(join(jobFolder(store, id), "progress.json")));
  } catch {
    return null;
  }
}

/** Reads the progress of jobs. While a job ends, when its record is removed, it is what was read last. */
export function followProgress(store: Store): (job: Pick<Job, "id">) => JobProgress | null {
  const last = new Map<string, JobProgress>();
  return ({ id }) => {
    const progress = readProgress(store, id) ?? last.get(id) ?? null;
    if (progress !== null) last.set(id, progress);
    return progress;
  };
}

/**
 * Removes partial files whose writers have ended.
 *
 * @param previous  a process whose lock of the folder was taken over, wherever it ran
 */
export function removePartialFiles(folder: string, previous: Writer | null): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".partial")) continue;
    // A second run may be writing job.json while the first one runs the job.
    const partial = parsePartialName(name);
    const isLeft = partial === null || isGone(partial.writer) || isSameWriter(partial.writer, previous);
    if (isLeft) rmSync(join(folder, name), { force: true });
  }
}

/** Files that describe a job; not outputs. */
const bookkeeping =
  /^(job|done|progress|slurm|failure)\.json$|^(log\.txt|journal\.jsonl|lock)$|^verified\..*\.json$|\.partial$/;

/** @param excluded  further paths, relative to the folder, that are not outputs */
export async function hashOutputs(folder: string, excluded: readonly string[] = []): Promise<Done["outputs"]> {
  const outputs: Record<string, { bytes: number; sha256: string }> = {};
  const visit = async (at: string): Promise<void> => {
    for (const name of readdirSync(at).sort()) {
      // Check the name before `statSync`: another run's partial file may be gone by now.
      const path = join(at, name);
      if (bookkeeping.test(name) || excluded.includes(relative(folder, path))) continue;
      if (statSync(path).isDirectory()) await visit(path);
      else {
        outputs[relative(folder, path)] = { bytes: statSync(path).size, sha256: await hashFile(path) };
      }
    }
  };
  await visit(folder);
  return outputs;
}

/**
 * Removes the outputs of a finished job and keeps its record. What cannot be recorded or removed now, on a full or
 * failing disk, stays: a later call removes it.
 */
export function pruneOutputs(store: Store, id: string): void {
  const folder = jobFolder(store, id);
  const done = readDone(store, id);
  if (done === null) return;
  try {
    if (done.pruned !== true) writeDone(folder, { ...done, pruned: true });
  } catch (error) {
    if (error instanceof StrataError) return;
    throw error;
  }
  for (const name of Object.keys(done.outputs)) removeIfPossible(join(folder, name));
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    return;
  }
}

/** Makes a finished job run again. */
export function repeatJob(store: Store, id: string): void {
  rmSync(join(jobFolder(store, id), "done.json"), { force: true });
}

/** Lets `verifyOutputs` trust the outputs that were just hashed until they change. */
export function rememberOutputs(folder: string, outputs: Done["outputs"]): void {
  const verified = openVerifiedFiles(folder);
  for (const [name, { sha256 }] of Object.entries(outputs)) verified.add(name, sha256);
  verified.save();
}

/** The outputs at or below a path, which is relative to the job's folder. */
export function outputsAt({ outputs }: Done, path: string): [name: string, output: Done["outputs"][string]][] {
  return Object.entries(outputs).filter(([name]) => path === "." || name === path || name.startsWith(`${path}/`));
}

/**
 * Verifies a job's outputs at or below `path`, of which there must be one.
 *
 * @throws StrataError naming the first missing or changed file
 */
export async function verifyOutputs(store: Store, id: string, path: string): Promise<void> {
  const folder = jobFolder(store, id);
  const done = readDone(store, id);
  if (!done) throw damagedInput(join(folder, "done.json"), "the record of a finished job", "none", folder);
  if (done.pruned === true) throw prunedInput(folder);
  const outputs = outputsAt(done, path);
  if (outputs.length === 0) throw missingOutput(folder, path);
  const verified = openVerifiedFiles(folder);
  for (const [name, { bytes, sha256 }] of outputs) {
    const file = join(folder, name);
    checkSize(folder, file, bytes);
    if (verified.has(name, sha256)) continue;
    checkHash(folder, file, sha256, await hashFile(file));
    verified.add(name, sha256);
  }
  verified.save();
}

/**
 * The path of one output, verified as `verifyOutputs` does.
 *
 * @returns null if the job did not write it
 * @throws StrataError if it is missing or was damaged
 */
export function verifiedOutput(store: Store, id: string, name: string): string | null {
  const folder = jobFolder(store, id);
  const output = readDone(store, id)?.outputs[name];
  if (output === undefined) return null;
  const file = join(folder, name);
  checkSize(folder, file, output.bytes);
  const verified = openVerifiedFiles(folder);
  if (verified.has(name, output.sha256)) return file;
  checkHash(folder, file, output.sha256, hashFileSync(file));
  verified.add(name, output.sha256);
  verified.save();
  return file;
}

function checkSize(folder: string, file: string, bytes: number): void {
  const size = existsSync(file) ? statSync(file).size : null;
  if (size === bytes) return;
  throw damagedInput(file, `${bytes} bytes`, size === null ? "no such file" : `${size} bytes`, folder);
}

function checkHash(folder: string, file: string, expected: string, hash: string): void {
  if (hash !== expected) throw damagedInput(file, `sha256 ${shortHash(expected)}`, shortHash(hash), folder);
}

function shortHash(hash: string): string {
  return `${hash.slice(0, 16)}…`;
}

/** Only where another run removes them at the same time: a run repeats the jobs whose outputs it needs. */
function prunedInput(where: string): StrataError {
  return new StrataError("CheckpointError", {
    where,
    expected: "the model of a round",
    got: "one that another run has removed",
    hint: "Run the same command again: it trains this part again.",
  });
}

/** A job that another machine worked on has only the outputs that its run needed. */
function missingOutput(folder: string, path: string): StrataError {
  return new StrataError("CheckpointError", {
    where: join(folder, path),
    expected: "an output of the job",
    got: "none in its done.json",
    hint: `Run the recipe again, which repeats the job, or remove the folder ${folder}.`,
  });
}

export function damagedInput(where: string, expected: string, got: string, folder: string): StrataError {
  return new StrataError("CheckpointError", {
    where,
    expected,
    got,
    hint:
      `The file was damaged after it was written: remove the folder ${folder} and run again; ` +
      "only this job is repeated.",
  });
}
