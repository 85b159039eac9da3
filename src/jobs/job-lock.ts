import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileError } from "../files/atomic-file.js";
import { formatWriter, isGone, parseWriter, thisWriter, type Writer } from "../files/writer.js";

/**
 * Locks a job's folder, waiting while another live process holds the lock: one of a second run of the same recipe, or
 * one that outlived a killed run.
 *
 * @returns releases the lock
 * @throws StrataError if the lock file cannot be written
 */
export async function lockJob(folder: string, onWait: (holder: Writer) => void): Promise<() => void> {
  const path = join(folder, "lock");
  let reported = false;
  for (;;) {
    if (tryLock(path)) return () => rmSync(path, { force: true });
    const holder = readHolder(path);
    if (holder === "unnamed" || (holder !== null && isGone(holder))) rmSync(path, { force: true });
    else {
      if (holder !== null && !reported) onWait(holder);
      reported ||= holder !== null;
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

/** A process writes its name into a lock file within this time after creating it. */
const namedWithinMilliseconds = 1000;

/** The holder of the lock; null if it is gone or was just created; `unnamed` if its creator never wrote its name. */
function readHolder(path: string): Writer | "unnamed" | null {
  try {
    const holder = parseWriter(readFileSync(path, "utf8"));
    if (holder !== null) return holder;
    return Date.now() - statSync(path).mtimeMs < namedWithinMilliseconds ? null : "unnamed";
  } catch {
    return null;
  }
}
