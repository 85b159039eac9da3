import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { writeJsonAtomic } from "../files/atomic-file.js";
import { StrataError } from "../errors/strata-error.js";
import { hashFile } from "../files/hash.js";
import { takeHash } from "../files/known-hashes.js";
import type { Job } from "./job.js";
import { parsePartialName } from "../files/partial-files.js";
import { isGone } from "../files/writer.js";
import { openVerifiedFiles } from "./verified-files.js";

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
  mkdirSync(folder, { recursive: true });
  // Written again before every start of the job, so it need not survive a failure of power.
  writeJsonAtomic(join(folder, "job.json"), job, false);
  return folder;
}

function readJson<T>(path: string): T | null {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return null;
  }
}

export function readDone(store: Store, id: string): Done | null {
  return readJson<Done>(join(jobFolder(store, id), "done.json"));
}

export function readProgress(store: Store, id: string): JobProgress | null {
  return readJson<JobProgress>(join(jobFolder(store, id), "progress.json"));
}

/** Removes partial files whose writers have ended. */
export function removePartialFiles(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".partial")) continue;
    // A second run may be writing job.json while the first one runs the job.
    const partial = parsePartialName(name);
    if (partial === null || isGone(partial.writer)) rmSync(join(folder, name), { force: true });
  }
}

/** Files that describe a job; not outputs. */
const bookkeeping =
  /^(job\.json|done\.json|progress\.json|log\.txt|journal\.jsonl|lock)$|^verified\..*\.json$|\.partial$/;

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
        outputs[relative(folder, path)] = { bytes: statSync(path).size, sha256: await takeHash(path) };
      }
    }
  };
  await visit(folder);
  return outputs;
}

/**
 * Removes the outputs of a finished job and keeps its record. Without room to record it, on a full disk, the outputs
 * stay: a later call removes them.
 */
export function pruneOutputs(store: Store, id: string): void {
  const folder = jobFolder(store, id);
  const done = readDone(store, id);
  if (done === null) return;
  try {
    if (done.pruned !== true) writeJsonAtomic(join(folder, "done.json"), { ...done, pruned: true });
  } catch (error) {
    if (error instanceof StrataError) return;
    throw error;
  }
  for (const name of Object.keys(done.outputs)) rmSync(join(folder, name), { force: true });
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
    const size = existsSync(file) ? statSync(file).size : null;
    if (size !== bytes)
      throw damagedInput(file, `${bytes} bytes`, size === null ? "no such file" : `${size} bytes`, folder);
    if (verified.has(name, sha256)) continue;
    const hash = await hashFile(file);
    if (hash !== sha256) throw damagedInput(file, `sha256 ${sha256.slice(0, 16)}…`, `${hash.slice(0, 16)}…`, folder);
    verified.add(name, sha256);
  }
  verified.save();
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
