import { appendFileSync, closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { StrataError } from "../errors/strata-error.js";
import { partialPath } from "./partial-files.js";

/** A file that appears under its final name only once it is complete and, unless the caller does it, flushed. */
export interface AtomicFile {
  /** Appends. @throws StrataError if the disk is full; an existing file under the final name is unchanged. */
  write(bytes: Uint8Array): void;
  /** Replaces bytes that were written. @param position  of the first one @throws StrataError as `write` */
  overwrite(position: number, bytes: Uint8Array): void;
  /** Flushes to the disk, unless the caller does it later, and renames to the final name. */
  commit(): void;
  /** Removes the partial file. Does nothing after `commit`. */
  abandon(): void;
}

/**
 * The error for a failed system call.
 *
 * @param action  completes "expected to …" and "expected room to …", such as `write the file`
 */
export function fileError(path: string, action: string, error: unknown): StrataError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const full: Readonly<Record<string, string>> = { ENOSPC: "a full disk", EDQUOT: "an exhausted quota" };
  const refused = ["EACCES", "EPERM", "EROFS"].includes(code);
  const parts =
    code in full
      ? {
          expected: `room to ${action}`,
          got: `${full[code]} (${code})`,
          hint: "Free some space and run the same command again: finished work is kept.",
        }
      : {
          expected: refused ? `permission to ${action}` : `to ${action}`,
          got: code,
          hint: refused
            ? "Check the permissions of the folder."
            : "Check the path and the disk, then run the same command again.",
        };
  return new StrataError("FileError", { where: path, ...parts }, { cause: error });
}

/** @param flush  false if the caller flushes the file and its folder later, before it relies on them */
export function createAtomicFile(path: string, flush = true): AtomicFile {
  const partial = partialPath(path);
  let descriptor: number | null = createFile(partial, path);
  let committed = false;
  const close = () => {
    const opened = descriptor;
    // A descriptor is free even if closing it reports an error: a second time, it may be that of another file.
    descriptor = null;
    if (opened !== null) closeSync(opened);
  };
  const abandon = () => {
    if (committed) return;
    try {
      close();
    } finally {
      rmSync(partial, { force: true });
    }
  };
  const attempt = (action: () => void) => {
    try {
      action();
    } catch (error) {
      abandon();
      throw fileError(path, "write the file", error);
    }
  };
  return {
    write: (bytes) => attempt(() => writeAll(descriptor as number, bytes)),
    overwrite: (position, bytes) => attempt(() => writeSync(descriptor as number, bytes, 0, bytes.length, position)),
    commit() {
      try {
        if (flush) fsyncSync(descriptor as number);
        close();
        renameSync(partial, path);
        committed = true;
        if (flush) syncFolder(dirname(path));
      } catch (error) {
        abandon();
        throw fileError(path, "finish the file", error);
      }
    },
    abandon,
  };
}

function createFile(partial: string, path: string): number {
  try {
    return openSync(partial, "w");
  } catch (error) {
    throw fileError(path, "create the file", error);
  }
}

/** In chunks of at most 1 GiB: a single write is limited to 2 GiB. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength;) {
    at += writeSync(descriptor, bytes, at, Math.min(bytes.byteLength - at, 1 << 30));
  }
}

/** Appends a line, which a crash may truncate: see `readJournal`. @throws StrataError if the disk is full */
export function appendLine(path: string, line: string): void {
  appendBytes(path, `${line}\n`);
}

/** Appends, by one system call if it takes all. @throws StrataError if the disk is full; a part may be written */
export function appendBytes(path: string, content: Uint8Array | string): void {
  try {
    appendFileSync(path, content);
  } catch (error) {
    throw fileError(path, "append to the file", error);
  }
}

/** Appends to a log. A failure is ignored: a full disk must not abort what the log is about. */
export function appendToLog(path: string, content: Uint8Array | string): void {
  try {
    appendFileSync(path, content);
  } catch {
    return;
  }
}

/** Makes renames in a folder durable. */
export function syncFolder(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a complete file: a partial file, fsync (unless `flush` is false), rename. */
export function writeFileAtomic(path: string, content: Uint8Array | string, flush = true): void {
  const file = createAtomicFile(path, flush);
  file.write(typeof content === "string" ? Buffer.from(content) : content);
  file.commit();
}

export function writeJsonAtomic(path: string, value: unknown, flush = true): void {
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`, flush);
}
