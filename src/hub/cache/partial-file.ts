import { randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileError } from "../../files/atomic-file.js";
import { formatWriter, isGone, thisWriter, writerPattern, type Writer } from "../../files/writer.js";

/** Who writes a partial file changes it, or its time, more often than this; one that is older is left behind. */
export const abandonedMilliseconds = 60_000;

/** Of a wait that is shorter nothing is said. */
const silentMilliseconds = 2000;

/**
 * Takes what there is of a blob, `DIGEST….incomplete` beside it, for this process: what a process left behind that is gone
 * becomes ours by renaming, which one process only can do. Waits while another one is at work.
 *
 * @param onWait  is told once who is waited for; null if the partial file does not say
 * @returns the partial file, perhaps empty; null if the blob is there by now
 */
export async function claimPartial(
  blob: string,
  signal: AbortSignal,
  onWait: (writer: Writer | null) => void,
): Promise<string | null> {
  const started = performance.now();
  let isTold = false;
  for (;;) {
    signal.throwIfAborted();
    if (existsSync(blob)) return null;
    const found = partialsOf(blob);
    const held = found.find((path) => !isAbandoned(path));
    if (held === undefined) return take(blob, found);
    if (!isTold && performance.now() - started >= silentMilliseconds) {
      isTold = true;
      onWait(writerOf(held));
    }
    await sleep(500, undefined, { signal });
  }
}

/** The largest of what was left behind, or a new file. */
function take(blob: string, found: readonly string[]): string {
  const own = `${blob}.${formatWriter(thisWriter())}-${randomBytes(4).toString("hex")}.incomplete`;
  const size = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? -1;
  const [largest, ...others] = [...found].sort((a, b) => size(b) - size(a));
  for (const path of others) rmSync(path, { force: true });
  try {
    if (largest !== undefined) renameSync(largest, own);
    else closeSync(openSync(own, "wx"));
  } catch (error) {
    // Another process was faster: ours begins anew.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || largest === undefined)
      throw fileError(own, "create the file", error);
    return take(blob, []);
  }
  return own;
}

/** Also of huggingface_hub, which calls them `DIGEST.incomplete` or `DIGEST.XXXXXXXX.incomplete`. */
function partialsOf(blob: string): string[] {
  const folder = dirname(blob);
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(blob)}.`) && name.endsWith(".incomplete"))
    .map((name) => join(folder, name));
}

function isAbandoned(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat || Date.now() - stat.mtimeMs > abandonedMilliseconds) return true;
  const writer = writerOf(path);
  return writer !== null && isGone(writer);
}

const claimedName = new RegExp(`\\.${writerPattern}-[0-9a-f]{8}\\.incomplete$`);

function writerOf(path: string): Writer | null {
  const [, host, pid] = claimedName.exec(path) ?? [];
  return host === undefined ? null : { host, pid: Number(pid) };
}
