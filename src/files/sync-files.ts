import { lstatSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { fileError } from "./atomic-file.js";

/**
 * Flushes files to the disk, several at once, then the folders that contain them. Symbolic links are not followed.
 *
 * @throws StrataError naming the file that could not be flushed
 */
export async function syncFiles(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.filter((path) => !lstatSync(path).isSymbolicLink()).map(sync));
  await Promise.all([...new Set(paths.map((path) => dirname(path)))].map(sync));
}

async function sync(path: string): Promise<void> {
  try {
    const file = await open(path, "r");
    await file.sync().finally(() => file.close());
  } catch (error) {
    throw fileError(path, "flush the file", error);
  }
}
