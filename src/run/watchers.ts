import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatWriter, isGone, parseWriter, thisWriter, type Writer } from "../files/writer.js";

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
    mkdirSync(watchersFolder(folder), { recursive: true });
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
    if (writer !== null && !isGone(writer)) return [writer];
    rmSync(join(watchersFolder(folder), name), { force: true });
    return [];
  });
}
