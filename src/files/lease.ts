import { closeSync, linkSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { StrataError } from "../errors/strata-error.js";
import { fileError } from "./atomic-file.js";
import { fileWatch } from "./file-watch.js";
import { startBeats } from "./lease-beats.js";
import { partialPath } from "./partial-files.js";
import { formatWriter, isGone, parseWriter, thisWriter, type Writer } from "./writer.js";
import { readText } from "./read-text.js";

/**
 * A lock that does not outlive its holder. Its file contains the name of the holder and a number that grows every few
 * seconds. A holder on this host is gone when its process is; one on another host when the file has not changed for
 * `expirySeconds` of this process's own clock. So the clocks of hosts do not matter, and neither does flock, which
 * some shared disks lack.
 */
export interface Lease {
  /** The holder that was gone; null if nobody had it. */
  readonly previous: Writer | null;
  /**
   * To be called before others see an effect.
   *
   * @throws StrataError if this process was stopped for so long that another one has taken the lease over
   */
  check(): void;
  release(): void;
}

let expiry = 90_000;
let isUnchanged = fileWatch(expiry);

/** @param seconds  without a sign of life after which a holder on another host is gone; the same on all hosts */
export function setLeaseExpiry(seconds: number): void {
  expiry = seconds * 1000;
  isUnchanged = fileWatch(expiry);
}

export function leaseExpirySeconds(): number {
  return expiry / 1000;
}

/** Takes a lease, or null if another process has it. @throws StrataError if its file cannot be written */
export function tryLease(path: string): Lease | null {
  const found = readLease(path);
  if (found !== null && !isAbandoned(path, found)) return null;
  if (found !== null && !removeAbandoned(path, found)) return null;
  return create(path, found === null ? null : holderOf(found));
}

/**
 * Waits until no other process has the lease.
 *
 * @param onWait  called once, with the holder
 */
export async function takeLease(
  path: string,
  onWait: (holder: Writer) => void = () => {},
  signal?: AbortSignal,
): Promise<Lease> {
  let isReported = false;
  for (;;) {
    const lease = tryLease(path);
    if (lease !== null) return lease;
    const holder = leaseHolder(path);
    if (holder !== null && !isReported) {
      isReported = true;
      onWait(holder);
    }
    await sleep(200, undefined, { signal });
  }
}

/**
 * Tells whether the holder of a lease has given a sign of life since the returned function first looked at it. While it
 * has not, it may be gone; `tryLease` then takes the lease after some time.
 */
export function signsOfLife(): (path: string) => boolean {
  const first = new Map<string, string | null>();
  return (path) => {
    const content = readLease(path);
    if (!first.has(path)) first.set(path, content);
    return content !== first.get(path);
  };
}

/** The process that has the lease, or had it when it ended; null if there is none, or it is not named yet. */
export function leaseHolder(path: string): Writer | null {
  const found = readLease(path);
  return found === null ? null : holderOf(found);
}

/** `NAME`, a line break, a number: null without a file. */
function readLease(path: string): string | null {
  try {
    return readText(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw fileError(path, "read the lock", error);
  }
}

const holderOf = (content: string) => parseWriter(content.split("\n")[0]);

function isAbandoned(path: string, content: string): boolean {
  const holder = holderOf(content);
  return (holder !== null && isGone(holder)) || isUnchanged(path, content);
}

/** By renaming, which only one process can do. False if the file that was there is another by now. */
function removeAbandoned(path: string, expected: string): boolean {
  const aside = partialPath(path);
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw fileError(path, "remove the lock of a process that has ended", error);
  }
  const isExpected = readLease(aside) === expected;
  if (!isExpected) giveBack(aside, path);
  rmSync(aside, { force: true });
  return isExpected;
}

/** The lease was taken between reading and renaming. Without room for it, its holder finds that it has lost it. */
function giveBack(aside: string, path: string): void {
  try {
    linkSync(aside, path);
  } catch {
    return;
  }
}

function create(path: string, previous: Writer | null): Lease | null {
  const name = `${formatWriter(thisWriter())}\n`;
  let file: number;
  try {
    file = openSync(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return null;
    throw fileError(path, "write the lock", error);
  }
  try {
    writeSync(file, `${name}${"0".repeat(12)}`);
  } catch (error) {
    rmSync(path, { force: true });
    throw fileError(path, "write the lock", error);
  } finally {
    closeSync(file);
  }
  return hold(path, name, previous);
}

function hold(path: string, name: string, previous: Writer | null): Lease {
  const beatMilliseconds = expiry / 9;
  const beats = startBeats(path, name, beatMilliseconds);
  const isOurs = () => readLease(path)?.startsWith(name) ?? false;
  return {
    previous,
    check() {
      // After a pause, the thread may not have found out yet.
      const isLost = beats.isLost || (beats.age > 3 * beatMilliseconds && !isOurs());
      if (isLost) throw lostLease(path);
    },
    release() {
      beats.stop();
      if (isOurs()) rmSync(path, { force: true });
    },
  };
}

function lostLease(path: string): StrataError {
  const holder = leaseHolder(path);
  return new StrataError("FileError", {
    where: path,
    expected: "the lock of this process",
    got: holder === null ? "none" : `that of process ${holder.pid} on ${holder.host}`,
    hint:
      `This process gave no sign of life for ${leaseExpirySeconds()} s, so another one continues its work. ` +
      "Nothing is lost.",
  });
}
