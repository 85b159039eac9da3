import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileError } from "../files/atomic-file.js";
import { formatWriter, isGone, parseWriter, thisWriter, type Writer } from "../files/writer.js";

/**
 * Takes a job's folder for this process, waiting while another living process has it (a second run of the same recipe, or
 * what a killed run left behind). Returns how to give it back.
 *
 * @throws StrataError if the lock cannot be written
 */
export async function lockJob(folder: string, onWait: (holder: Writer) => void): Promise<() => void> {
  const path = join(folder, "lock");
  let told = false;
  for (;;) {
    if (tryLock(path)) return () => rmSync(path, { force: true });
    const holder = readHolder(path);
    if (holder === "unnamed" || (holder !== null && isGone(holder))) rmSync(path, { force: true });
    else {
      if (holder !== null && !told) onWait(holder);
      told ||= holder !== null;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function tryLock(path: string): boolean {
  try {
    writeFileSync(path, formatWriter(thisWriter()), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    rmSync(path, { force: true });
    throw fileError(path, "write the file", error);
  }
}

/** Milliseconds within which a process that has made a lock has also written its name there. */
const namedWithin = 1000;

/** The process that has the lock; null if the lock is gone or was made this moment; `unnamed` if nobody will write a name any more. */
function readHolder(path: string): Writer | "unnamed" | null {
  try {
    const holder = parseWriter(readFileSync(path, "utf8"));
    if (holder !== null) return holder;
    return Date.now() - statSync(path).mtimeMs < namedWithin ? null : "unnamed";
  } catch {
    return null;
  }
}
