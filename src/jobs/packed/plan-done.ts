import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { planArchive, type PlannedArchive, type WrittenMember } from "../../files/archive/write-archive.js";
import { hashFile } from "../../files/hash.js";
import { version } from "../../version.js";
import { damagedInput, jobFolder, outputsAt, readDone, verifyOutputs, type Done, type Store } from "../job-folder.js";
import type { Job } from "../job.js";
import { tensorsOfFolder, splitTensors } from "./model-tensors.js";
import { headerPath, tensorsPath, type DoneManifest, type OpenPart, type ReturnedOutput } from "./pack-format.js";

/**
 * The archive of a part that was worked on: its records, and what the run reads of its outputs. Of a model only the
 * tensors that differ from those of the model it started from are carried, and no file that is equal.
 *
 * @param store  of the part, in its work folder
 */
export async function planDone(store: Store, { manifest }: OpenPart, job: Job): Promise<PlannedArchive> {
  const folder = jobFolder(store, job.id);
  const done = readDone(store, job.id);
  if (done === null) throw damagedInput(join(folder, "done.json"), "the record of a finished job", "none", folder);
  for (const path of manifest.returns) await verifyOutputs(store, job.id, path);
  const outputs: ReturnedOutput[] = [];
  const members: WrittenMember[] = [];
  for (const name of ["job.json", "done.json", "journal.jsonl", "log.txt"])
    if (existsSync(join(folder, name))) members.push(await fileMember(`job/${name}`, join(folder, name)));
  const split = createSplitter(store, manifest.base);
  for (const [path, output] of manifest.returns.flatMap((returned) => outputsAt(done, returned))) {
    const found = await split(join(folder, path), path, output);
    outputs.push(found.output);
    members.push(...found.members);
  }
  const { recipe, strategy, round, part } = manifest;
  const description: Omit<DoneManifest, "format" | "formatVersion" | "members"> = {
    version,
    kind: "done",
    recipe,
    strategy,
    round,
    part,
    job: job.id,
    outputs,
  };
  return planArchive(description, members);
}

async function fileMember(path: string, source: string): Promise<WrittenMember> {
  return { path, bytes: statSync(source).size, sha256: await hashFile(source), source };
}

/** Decides how each output gets back to the run. */
function createSplitter(store: Store, base: OpenPart["manifest"]["base"]) {
  const baseFolder = join(jobFolder(store, base.job), base.path);
  const baseDone = readDone(store, base.job);
  const sameFiles = new Map(
    (baseDone === null ? [] : outputsAt(baseDone, base.path)).map(([name, { sha256 }]) => [sha256, name]),
  );
  const tensors = tensorsOfFolder(baseFolder);
  return async (source: string, path: string, { bytes, sha256 }: Done["outputs"][string]) => {
    const file = sameFiles.get(sha256);
    if (file !== undefined) return { output: { path, as: "base", file } as const, members: [] };
    const targets = { header: join(store.folder, headerPath(path)), tensors: join(store.folder, tensorsPath(path)) };
    for (const target of Object.values(targets)) createFolder(dirname(target));
    if (path.endsWith(".safetensors") && (await splitTensors(source, tensors, targets))) {
      const members = [
        await fileMember(headerPath(path), targets.header),
        await fileMember(tensorsPath(path), targets.tensors),
      ];
      return { output: { path, as: "tensors" } as const, members };
    }
    return { output: { path, as: "file" } as const, members: [{ path: `job/${path}`, bytes, sha256, source }] };
  };
}
