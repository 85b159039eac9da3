import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { StrataError } from "../../errors/strata-error.js";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import { leaseHolder, tryLease, type Lease } from "../../files/lease.js";
import { describeWriter } from "../../files/writer.js";
import { isEventFileName } from "../../report/tensorboard/event-file.js";
import { metricsName } from "./series-files.js";

/** Marks a folder that an export has written, so that the next one may replace its files. */
const markerName = "strata-tensorboard.json";
const lockName = "lock";

/** @throws StrataError if a folder has files of other programs */
export function refuseForeign(folder: string, hint: string): void {
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => name !== lockName) : [];
  if (found.length === 0 || found.includes(markerName)) return;
  throw new StrataError("FileError", {
    where: folder,
    expected: "a new or empty folder, or one that Strata has written for TensorBoard",
    got: `other files, such as ${found.sort()[0]}`,
    hint,
  });
}

/**
 * Creates or takes over a folder, and removes what earlier exports have written, but for some folders in it.
 *
 * @param kept  relative to `folder`
 * @returns the lock of the folder
 * @throws StrataError if another process is writing to it
 */
export function claimFolder(folder: string, kept: ReadonlySet<string> = new Set()): Lease {
  createFolder(folder);
  const path = join(folder, lockName);
  const lease = tryLease(path);
  if (lease === null) throw isInUse(folder, path);
  try {
    writeJsonAtomic(join(folder, markerName), { format_version: 1 }, false);
    removeSeries(folder, kept);
  } catch (error) {
    lease.release();
    throw error;
  }
  return lease;
}

function isInUse(folder: string, lock: string): StrataError {
  const holder = leaseHolder(lock);
  return new StrataError("FileError", {
    where: folder,
    expected: "a folder that no other process writes to",
    got: holder === null ? "one with a lock" : `the lock of ${describeWriter(holder)}`,
    hint: "A run with --tensorboard keeps its folder up to date: read that, or choose another folder.",
  });
}

/** Removes series, and the folders that are empty then; files of other programs stay. */
function removeSeries(folder: string, kept: ReadonlySet<string>): void {
  for (const at of foldersIn(folder)) {
    if (!existsSync(at)) continue;
    const events = readdirSync(at).filter(isEventFileName);
    if (events.length === 0 || kept.has(relative(folder, at))) continue;
    for (const name of [...events, metricsName]) rmSync(join(at, name), { force: true });
    removeEmpty(at, folder);
  }
}

/** All folders below one, the innermost first. Symbolic links are not followed. */
function foldersIn(folder: string): string[] {
  const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return inner.flatMap(({ name }) => [...foldersIn(join(folder, name)), join(folder, name)]);
}

/** Removes a folder if it is empty, and then those around it, up to `root`. */
function removeEmpty(folder: string, root: string): void {
  if (folder === root || readdirSync(folder).length > 0) return;
  rmdirSync(folder);
  removeEmpty(dirname(folder), root);
}
