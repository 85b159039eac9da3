import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileError } from "./atomic-file.js";
import { isFolder } from "./is-folder.js";

/**
 * Creates a folder, and those that it is in, unless they exist. Node's `recursive` does the same but hides why it
 * failed: an I/O error arrives as ENOENT.
 *
 * @throws StrataError if it cannot be created, or is a file
 */
export function createFolder(path: string): void {
  try {
    createWithParents(path);
  } catch (error) {
    throw fileError(path, "create the folder", error);
  }
}

function createWithParents(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (isFolder(path)) return;
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || isFolder(parent)) throw error;
    createWithParents(parent);
    createWithParents(path);
  }
}
