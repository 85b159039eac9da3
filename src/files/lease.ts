import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileError } from "./atomic-file.js";
import { StrataError } from "../errors/strata-error.js";
import { formatWriter, isGone, parseWriter, thisWriter, type Writer } from "./writer.js";

/** The right to work on something, which one process has at a time. */
export interface Lease {
  /** @throws StrataError if another process has taken the lease */
  check(): void;
  release(): void;
}

export interface LeaseOptions {
  readonly onWait: (holder: Writer) => void;
  readonly signal?: AbortSignal;
}

/** Waits until the lease is free. @throws the reason of `signal` */
export async function takeLease(path: string, { onWait, signal }: LeaseOptions): Promise<Lease> {
  let reported = false;
  for (;;) {
    const lease = await tryLease(path);
    if (lease !== null) return lease;
    signal?.throwIfAborted();
    const holder = readHolder(path);
    if (holder !== null && !reported) onWait(holder);
    reported ||= holder !== null;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Null if a live process has the lease. */
export async function tryLease(path: string): Promise<Lease | null> {
  const holder = readHolder(path);
  if (holder !== null && isGone(holder)) rmSync(path, { force: true });
  try {
    writeFileSync(path, formatWriter(thisWriter()), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return null;
    throw fileError(path, "write the file", error);
  }
  return {
    check() {
      const now = readHolder(path);
      if (now !== null && formatWriter(now) === formatWriter(thisWriter())) return;
      throw new StrataError("FileError", {
        where: path,
        expected: `the lease of ${formatWriter(thisWriter())}`,
        got: now === null ? "none" : `that of ${formatWriter(now)}`,
        hint: "Another machine continues this work.",
      });
    },
    release: () => rmSync(path, { force: true }),
  };
}

function readHolder(path: string): Writer | null {
  try {
    return parseWriter(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
