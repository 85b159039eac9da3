import { readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import { createFolder } from "../files/create-folder.js";
import { formatWriter, isGone, parseWriter, thisHost, thisWriter, type Writer } from "../files/writer.js";

const watchersFolder = (folder: string) => join(folder, "watchers");

/**
 * Records that this process executes or watches a run, so that `strata cancel` finds it.
 *
 * @param folder  of the run
 * @returns removes the record
 */
export function addWatcher(folder: string): () => void {
  const path = join(watchersFolder(folder), formatWriter(thisWriter()));
  try {
    createFolder(watchersFolder(folder));
    writeFileSync(path, "");
  } catch {
    // On a full disk the run itself says so.
  }
  return () => {
    rmSync(path, { force: true });
    try {
      rmdirSync(watchersFolder(folder));
    } catch {
      // Others watch it, too.
    }
  };
}

/** The processes that execute or watch a run; whether one on another host still does is unknown. */
export function watchersOf(folder: string): Writer[] {
  let names: string[];
  try {
    names = readdirSync(watchersFolder(folder));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const writer = parseWriter(name);
    const path = join(watchersFolder(folder), name);
    if (writer !== null && !isGone(writer) && !isBeforeStart(path, writer)) return [writer];
    try {
      rmSync(path, { force: true });
    } catch {
      // Another user's.
    }
    return [];
  });
}

/** Clocks of a shared disk and of this host differ by less. */
const skewMilliseconds = 120_000;

/** Whether a process of this host recorded itself before the host was started last. */
function isBeforeStart(path: string, { host }: Writer): boolean {
  const recorded = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return host === thisHost() && recorded < Date.now() - uptime() * 1000 - skewMilliseconds;
}
