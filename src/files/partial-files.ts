import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { formatWriter, isGone, thisWriter, writerOf, writerPattern, type Writer } from "./writer.js";

/** The name under which this process writes before it renames to `path`. */
export function partialPath(path: string): string {
  return `${path}.${formatWriter(thisWriter())}.partial`;
}

const partialName = new RegExp(`^(.*)\\.${writerPattern}\\.partial$`, "s");

/** The final name of a partial file and its writer; null for other names. */
export function parsePartialName(name: string): { readonly target: string; readonly writer: Writer } | null {
  const [, target, ...groups] = partialName.exec(name) ?? [];
  const writer = writerOf(groups);
  return writer === null ? null : { target, writer };
}

/** Removes partial files and folders of `path` whose writers have ended. */
export function removeAbandonedPartials(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const partial = parsePartialName(name);
    if (partial?.target !== basename(path) || !isGone(partial.writer)) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}
