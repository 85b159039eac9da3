import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { extractArchive, type ExtractOptions } from "../../files/archive/read-archive.js";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import { jobFolder, type Store } from "../job-folder.js";
import type { Job } from "../job.js";
import { openVerifiedFiles } from "../verified-files.js";
import type { OpenPart } from "./pack-format.js";
import { readText } from "../../files/read-text.js";

/** Exists once a pack was extracted and verified. */
const markFile = "extracted.json";

/** Whether a work folder has the content of this pack. */
export function isExtracted(part: OpenPart, work: string): boolean {
  const mark = join(work, markFile);
  if (!existsSync(mark)) return false;
  try {
    return (JSON.parse(readText(mark)) as { sha256?: unknown }).sha256 === part.sha256;
  } catch {
    return false;
  }
}

/**
 * Extracts a part into its work folder, which becomes a store. A folder with the content of the same pack is left as it
 * is, with the checkpoint of an interrupted training; any other content is removed.
 *
 * @returns the job of the part, as the pack describes it
 */
export async function extractPart(part: OpenPart, work: string, options: ExtractOptions): Promise<Job> {
  const store: Store = { folder: work };
  const { job, members } = part.manifest;
  if (!isExtracted(part, work)) {
    rmSync(work, { recursive: true, force: true });
    createFolder(work);
    await extractArchive(part, work, options);
    for (const id of new Set(members.flatMap(({ path }) => idOf(path)))) rememberMembers(part, store, id);
    writeJsonAtomic(join(work, markFile), { sha256: part.sha256 });
  }
  return JSON.parse(readText(join(jobFolder(store, job), "job.json"))) as Job;
}

function idOf(member: string): string[] {
  return member.startsWith("jobs/") ? [member.split("/")[1]] : [];
}

/** The job need not read for their hashes the inputs that were hashed while they were extracted. */
function rememberMembers({ manifest: { members } }: OpenPart, store: Store, id: string): void {
  const start = `jobs/${id}/`;
  const verified = openVerifiedFiles(jobFolder(store, id));
  for (const { path, sha256 } of members) if (path.startsWith(start)) verified.add(path.slice(start.length), sha256);
  verified.save();
}
