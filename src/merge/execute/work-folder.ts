import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { syncFolder } from "../../files/atomic-file.js";
import { leaseHolder, tryLease, type Lease } from "../../files/lease.js";
import { describeWriter } from "../../files/writer.js";
import { mergeError } from "../merge-error.js";

/** The folder in which a merge writes before it gets its final name. */
export interface WorkFolder {
  readonly path: string;
  readonly journal: string;
  /** Removes all that an earlier merge left. */
  clear(): void;
  /** Gives the folder its final name. */
  finish(): void;
  /** Lets another process take over; with `remove`, nothing of the folder is left. */
  release(remove: boolean): void;
}

/** @throws StrataError if the output exists and is not an empty folder */
export function checkOutput(out: string): void {
  if (!existsSync(out)) return;
  const isFolder = statSync(out).isDirectory();
  if (isFolder && readdirSync(out).length === 0) return;
  const got = isFolder ? "a folder with files" : "a file";
  throw mergeError(out, "a new or empty output folder", got, "Choose another folder, or remove this one first.");
}

const partialOf = (out: string) => `${out}.partial`;

/** What an interrupted merge occupies on the disk: files have room that is not written yet. */
export function occupiedBytes(out: string): number {
  const path = partialOf(out);
  if (!existsSync(path)) return 0;
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).blocks * 512, 0);
}

/**
 * Opens `OUT.partial` beside the output, also that of a merge which was killed.
 *
 * @throws StrataError if another process uses it
 */
export function openWorkFolder(out: string): WorkFolder {
  const path = partialOf(out);
  const lock = join(path, "lock");
  createFolder(path);
  const lease = takeLock(lock);
  return {
    path,
    journal: join(path, "merge-journal.jsonl"),
    clear() {
      for (const name of readdirSync(path)) if (name !== "lock") rmSync(join(path, name), { recursive: true });
    },
    finish() {
      rmSync(join(path, "merge-journal.jsonl"), { force: true });
      lease.check();
      lease.release();
      syncFolder(path);
      renameSync(path, out);
      syncFolder(dirname(out));
    },
    release(remove) {
      lease.release();
      if (remove) rmSync(path, { recursive: true, force: true });
    },
  };
}

function takeLock(lock: string): Lease {
  const lease = tryLease(lock);
  if (lease !== null) return lease;
  const holder = leaseHolder(lock);
  const hint = `Wait for it, or remove ${dirname(lock)} if that process has ended.`;
  const got = holder === null ? "another process" : describeWriter(holder);
  throw mergeError(dirname(lock), "no other merge into this folder", got, hint);
}
