import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileError } from "../files/atomic-file.js";
import { isAlive } from "../files/process-alive.js";

/**
 * Takes a job's folder for this process, waiting while another living process has it (a second run of the same recipe, or
 * what a killed run left behind). Returns how to give it back.
 *
 * @throws StrataError if the lock cannot be written
 */
export async function lockJob(folder: string, onWait: (pid: number) => void): Promise<() => void> {
  const path = join(folder, "lock");
  let told = false;
  for (;;) {
    if (tryLock(path)) return () => rmSync(path, { force: true });
    const holder = readHolder(path);
    if (holder !== null && (holder === 0 || !isAlive(holder))) rmSync(path, { force: true });
    else {
      if (holder !== null && !told) onWait(holder);
      told ||= holder !== null;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function tryLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    rmSync(path, { force: true });
    throw fileError(path, "write the file", error);
  }
}

/** The process that has the lock; null if it is gone, or was made this moment and is not written yet; 0 if it never will be. */
function readHolder(path: string): number | null {
  try {
    const holder = Number(readFileSync(path, "utf8"));
    return holder === 0 && Date.now() - statSync(path).mtimeMs < 1000 ? null : holder;
  } catch {
    return null;
  }
}
