import { statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { formatBytes } from "../../text/format-bytes.js";
import { mergeError } from "../merge-error.js";
import { checkOutput, occupiedBytes } from "./work-folder.js";

/**
 * Checks that the output can be written; what an interrupted merge has written of it needs no more room.
 *
 * @param freeBytes  of the disk of a folder
 * @throws StrataError
 */
export function checkRoom({ totalBytes }: { readonly totalBytes: number }, out: string, freeBytes = freeOf): void {
  checkOutput(out);
  const needed = totalBytes - occupiedBytes(resolve(out));
  const free = freeBytes(dirname(resolve(out)));
  if (free >= needed) return;
  const hint = "Free some space, or choose a folder on another disk.";
  throw mergeError(out, `${formatBytes(needed)} of free disk`, formatBytes(free), hint);
}

/** Of the folder, or of the nearest one above it that exists. */
function freeOf(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch (error) {
    if (dirname(folder) === folder) throw error;
    return freeOf(dirname(folder));
  }
}
