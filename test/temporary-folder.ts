import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];

// Of the test file that imports this. A job that was left without its run may still be writing its checkpoint.
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** A new empty folder that is removed when the tests of the file have run. */
export function temporaryFolder(): string {
  return createFolder(tmpdir());
}

/**
 * Such a folder for runs of small recipes, in memory where the system has a file system there: a run that writes a
 * checkpoint every few steps waits for the disk longer than it trains. Programs in it may not be executable.
 */
export function memoryFolder(): string {
  return createFolder(hasRoomInMemory() ? inMemory : tmpdir());
}

function createFolder(parent: string): string {
  const folder = mkdtempSync(join(parent, "strata-test-"));
  made.push(folder);
  return folder;
}

const inMemory = "/dev/shm";

/** Containers often have 64 MiB. */
function hasRoomInMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(inMemory);
    return bavail * bsize > 2 ** 30;
  } catch {
    return false;
  }
}
