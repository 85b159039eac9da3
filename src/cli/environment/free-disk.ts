import { existsSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Bytes available to this user on the disk of a folder, which need not exist yet. */
export function freeDisk(folder: string): number {
  let existing = resolve(folder);
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return bavail * bsize;
}
