import { randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileError } from "../../files/atomic-file.js";
import { fileWatch } from "../../files/file-watch.js";
import { formatWriter, isGone, thisWriter, writerOf, writerPattern, type Writer } from "../../files/writer.js";

/** A writer updates its partial file, or the file's mtime, more often than this. */
export const abandonedMilliseconds = 60_000;

/** An older file is abandoned. A newer one is watched: the clocks of hosts that share a disk may differ by minutes. */
const oldMilliseconds = 10 * abandonedMilliseconds;

/** Shorter waits are not reported. */
const reportAfterMilliseconds = 2000;

/**
 * Claims the partial file of a blob, `DIGEST….incomplete`, for this process. Renaming claims an abandoned one: only one
 * process can do it. Waits while another process writes one.
 *
 * @param onWait  called once with the other writer; null if the file's name does not identify it
 * @returns the path of the partial file, which may be empty; null if the blob is complete by now
 */
export async function claimPartial(
  blob: string,
  signal: AbortSignal,
  onWait: (writer: Writer | null) => void,
): Promise<string | null> {
  const started = performance.now();
  const isUnchanged = fileWatch(abandonedMilliseconds);
  let isReported = false;
  for (;;) {
    signal.throwIfAborted();
    if (existsSync(blob)) return null;
    const found = partialsOf(blob);
    const held = found.find((path) => !isAbandoned(path) && !isUnchanged(path));
    if (held === undefined) return claim(blob, found);
    if (!isReported && performance.now() - started >= reportAfterMilliseconds) {
      isReported = true;
      onWait(partialWriter(held));
    }
    await sleep(500, undefined, { signal });
  }
}

/** Claims the largest abandoned file and removes the others; creates a new file if there is none. */
function claim(blob: string, found: readonly string[]): string {
  const claimed = `${blob}.${formatWriter(thisWriter())}-${randomBytes(4).toString("hex")}.incomplete`;
  const size = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? -1;
  const [largest, ...others] = [...found].sort((a, b) => size(b) - size(a));
  for (const path of others) rmSync(path, { force: true });
  try {
    if (largest !== undefined) renameSync(largest, claimed);
    else closeSync(openSync(claimed, "wx"));
  } catch (error) {
    // Another process claimed it first: start an empty file.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || largest === undefined)
      throw fileError(claimed, "create the file", error);
    return claim(blob, []);
  }
  return claimed;
}

/** All partial files of a blob, including huggingface_hub's: `DIGEST.incomplete` or `DIGEST.XXXXXXXX.incomplete`. */
function partialsOf(blob: string): string[] {
  const folder = dirname(blob);
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(blob)}.`) && name.endsWith(".incomplete"))
    .map((name) => join(folder, name));
}

function isAbandoned(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat || Date.now() - stat.mtimeMs > oldMilliseconds) return true;
  const writer = partialWriter(path);
  return writer !== null && isGone(writer);
}

const claimedName = new RegExp(`\\.${writerPattern}-[0-9a-f]{8}\\.incomplete$`);

function partialWriter(path: string): Writer | null {
  return writerOf(claimedName.exec(path)?.slice(1) ?? []);
}
