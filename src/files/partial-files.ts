import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isAlive } from "./process-alive.js";

/** Where this process writes what will be `path`. */
export function partialPath(path: string): string {
  return `${path}.${process.pid}.partial`;
}

/** The process that a name's end says was writing it; null if it says none. */
export function partialWriter(name: string): number | null {
  const pid = /\.(\d+)\.partial$/.exec(name)?.[1];
  return pid === undefined ? null : Number(pid);
}

/** Removes what killed processes left that were writing `path`, files or folders. */
export function removeAbandonedPartials(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const writer = partialWriter(name);
    if (writer === null || name !== `${basename(path)}.${writer}.partial` || isAlive(writer)) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}
