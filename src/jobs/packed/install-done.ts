import { copyFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { archiveError } from "../../files/archive/manifest.js";
import { extractArchive, type ExtractOptions } from "../../files/archive/read-archive.js";
import { hashFile, hashValue } from "../../files/hash.js";
import { fileError } from "../../files/atomic-file.js";
import { takeLease } from "../../files/lease.js";
import { syncFiles } from "../../files/sync-files.js";
import type { Writer } from "../../files/writer.js";
import type { StoredTensor } from "../../tensor/safetensors.js";
import { jobFolder, readDone, rememberOutputs, writeDone, writeJob, type Done, type Store } from "../job-folder.js";
import type { Job, JobInput } from "../job.js";
import { joinTensors, tensorsOfFolder } from "./model-tensors.js";
import { headerPath, tensorsPath, type OpenDone, type ReturnedOutput } from "./pack-format.js";
import { readText } from "../../files/read-text.js";

export interface InstallOptions extends ExtractOptions {
  /** A folder on the disk of the store, for files before they are complete; removed at the end. */
  readonly staging: string;
  /** The model that the part started from. */
  readonly base: JobInput;
  /** Called while another process works on the job. */
  readonly onWait: (holder: Writer) => void;
}

/**
 * Makes a part that another machine worked on a finished job of the store. Every output has the hash that the worker
 * recorded. The job's done.json lists only the outputs that came back.
 *
 * @returns the record of the job
 * @throws StrataError if the archive is damaged or does not fit the job; the store is then unchanged
 */
export async function installDone(store: Store, job: Job, archive: OpenDone, options: InstallOptions): Promise<Done> {
  const { staging } = options;
  rmSync(staging, { recursive: true, force: true });
  createFolder(staging);
  try {
    await extractArchive(archive, staging, options);
    const record = readRecord(archive, join(staging, "job/done.json"), job);
    const outputs = await buildOutputs(store, archive, record, options);
    const done: Done = { ...record, outputs };
    await moveIn(store, job, join(staging, "job"), done, options);
    return done;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function readRecord({ path }: OpenDone, file: string, job: Job): Done {
  let record: Partial<Done> & { readonly sha256?: string };
  try {
    record = Object(JSON.parse(readText(file))) as typeof record;
  } catch {
    throw archiveError(`${path} job/done.json`, "the record of a finished job", "none");
  }
  const { sha256, ...done } = record;
  const { id, title, machine, device, version, seconds, outputs } = done;
  const isRecord = [title, machine, device, version].every((text) => typeof text === "string");
  if (sha256 !== hashValue(done)) throw archiveError(`${path} job/done.json`, "a record with its hash", "another one");
  if (id !== job.id || !isRecord || !Number.isFinite(seconds) || typeof outputs !== "object" || outputs === null)
    throw archiveError(`${path} job/done.json`, `the record of ${job.id}`, `that of ${JSON.stringify(id)}`);
  return done as Done;
}

/** Puts every output into the staging folder. @returns the outputs with their sizes and hashes */
async function buildOutputs(
  store: Store,
  archive: OpenDone,
  record: Done,
  { staging, base }: InstallOptions,
): Promise<Done["outputs"]> {
  const baseFolder = jobFolder(store, base.job);
  let tensors: ReadonlyMap<string, StoredTensor> | null = null;
  const outputs: Record<string, Done["outputs"][string]> = {};
  for (const output of archive.manifest.outputs) {
    const { path } = output;
    const where = `${archive.path} ${path}`;
    if (!Object.hasOwn(record.outputs, path)) throw archiveError(where, "an output of the job", "another file");
    const expected = record.outputs[path];
    const target = join(staging, "job", path);
    createFolder(dirname(target));
    if (output.as === "base") copyBase(join(baseFolder, output.file), target);
    if (output.as === "tensors") tensors ??= tensorsOfFolder(join(baseFolder, base.path));
    const sha256 = await hashOf(archive, output, target, (sources) =>
      joinTensors(target, expected.bytes, tensors as ReadonlyMap<string, StoredTensor>, {
        header: join(staging, sources.header),
        tensors: join(staging, sources.tensors),
      }),
    );
    if (sha256 !== expected.sha256) {
      const hint = "The file is damaged, or the model that the part started from is another one here.";
      throw archiveError(where, `sha256 ${expected.sha256.slice(0, 16)}…`, `${sha256.slice(0, 16)}…`, hint);
    }
    outputs[path] = expected;
  }
  return outputs;
}

function copyBase(file: string, target: string): void {
  try {
    copyFileSync(file, target);
  } catch (error) {
    throw fileError(file, "copy a file of the model that the part started from", error);
  }
}

async function hashOf(
  { path: archive, manifest }: OpenDone,
  output: ReturnedOutput,
  target: string,
  join: (sources: { readonly header: string; readonly tensors: string }) => string,
): Promise<string> {
  const { path } = output;
  if (output.as === "base") return hashFile(target);
  const required = output.as === "file" ? [`job/${path}`] : [headerPath(path), tensorsPath(path)];
  const found = required.map((name) => manifest.members.find((member) => member.path === name));
  const missing = required.find((_, i) => found[i] === undefined);
  if (missing !== undefined) throw archiveError(`${archive} ${missing}`, "a member of this name", "none");
  if (output.as === "file") return found[0]?.sha256 ?? "";
  return join({ header: headerPath(path), tensors: tensorsPath(path) });
}

/** Replaces what an interrupted training on this machine may have left. */
async function moveIn(
  store: Store,
  job: Job,
  source: string,
  done: Done,
  { onWait, signal }: InstallOptions,
): Promise<void> {
  const folder = writeJob(store, job);
  const lease = await takeLease(join(folder, "lock"), onWait, signal);
  try {
    if (readDone(store, job.id) !== null) return;
    for (const name of readdirSync(folder)) if (name !== "lock") rmSync(join(folder, name), { recursive: true });
    writeJob(store, job);
    const names = [...Object.keys(done.outputs), "journal.jsonl", "log.txt"];
    const present = new Set(readdirSync(source, { recursive: true, encoding: "utf8" }));
    for (const name of names.filter((one) => present.has(one))) {
      createFolder(dirname(join(folder, name)));
      renameSync(join(source, name), join(folder, name));
    }
    await syncFiles(names.filter((one) => present.has(one)).map((name) => join(folder, name)));
    lease.check();
    writeDone(folder, done);
    rememberOutputs(folder, done.outputs);
  } finally {
    lease.release();
  }
}
