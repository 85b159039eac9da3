import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { formatWriter, isGone, thisWriter, writerPattern, type Writer } from "./writer.js";

/** Where this process writes what will be `path`. */
export function partialPath(path: string): string {
  return `${path}.${formatWriter(thisWriter())}.partial`;
}

const partialName = new RegExp(`^(.*)\\.${writerPattern}\\.partial$`, "s");

/** The final name of a partial file and the process that was writing it; null for other names. */
export function parsePartialName(name: string): { readonly target: string; readonly writer: Writer } | null {
  const [, target, host, pid] = partialName.exec(name) ?? [];
  return target === undefined ? null : { target, writer: { host, pid: Number(pid) } };
}

/** Removes what killed processes left that were writing `path`, files or folders. */
export function removeAbandonedPartials(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const partial = parsePartialName(name);
    if (partial?.target !== basename(path) || !isGone(partial.writer)) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}
