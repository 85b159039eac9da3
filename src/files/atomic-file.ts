import { appendFileSync, closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { StrataError } from "../errors/strata-error.js";
import { partialPath } from "./partial-files.js";

/** A file that appears under its name only when it is complete and on the disk. */
export interface AtomicFile {
  /** Appends. @throws StrataError when the disk is full; the file under the final name is untouched. */
  write(bytes: Uint8Array): void;
  /** Flushes to the disk and gives the file its name. */
  commit(): void;
  /** Removes what was written. Harmless after `commit`. */
  abandon(): void;
}

/** @param doing  such as `write the file` */
export function fileError(path: string, doing: string, error: unknown): StrataError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const full: Readonly<Record<string, string>> = { ENOSPC: "a full disk", EDQUOT: "a quota that is used up" };
  const refused = ["EACCES", "EPERM", "EROFS"].includes(code);
  const parts =
    code in full
      ? {
          expected: `room to ${doing}`,
          got: `${full[code]} (${code})`,
          hint: "Free some space and run the same command again: nothing that was finished is lost.",
        }
      : {
          expected: `to ${doing}`,
          got: code,
          hint: refused
            ? "Check the permissions of the folder."
            : "Check the path and the disk, then run the same command again.",
        };
  return new StrataError("FileError", { where: path, ...parts }, { cause: error });
}

export function createAtomicFile(path: string): AtomicFile {
  const aside = partialPath(path);
  let descriptor: number | null;
  try {
    descriptor = openSync(aside, "w");
  } catch (error) {
    throw fileError(path, "create the file", error);
  }
  let committed = false;
  const close = () => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };
  const abandon = () => {
    if (committed) return;
    close();
    rmSync(aside, { force: true });
  };
  return {
    write(bytes) {
      try {
        for (let at = 0; at < bytes.byteLength;) {
          at += writeSync(descriptor as number, bytes, at, Math.min(bytes.byteLength - at, 1 << 30));
        }
      } catch (error) {
        abandon();
        throw fileError(path, "write the file", error);
      }
    },
    commit() {
      try {
        fsyncSync(descriptor as number);
        close();
        renameSync(aside, path);
        committed = true;
        syncFolder(dirname(path));
      } catch (error) {
        abandon();
        throw fileError(path, "finish the file", error);
      }
    },
    abandon,
  };
}

/** Appends a line to a journal, which is read up to the first line that is cut off. @throws StrataError when the disk is full */
export function appendLine(path: string, line: string): void {
  try {
    appendFileSync(path, `${line}\n`);
  } catch (error) {
    throw fileError(path, "append to the file", error);
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

/** Writes a whole file: aside, fsync, rename. */
export function writeFileAtomic(path: string, content: Uint8Array | string): void {
  const file = createAtomicFile(path);
  file.write(typeof content === "string" ? Buffer.from(content) : content);
  file.commit();
}

export function writeJsonAtomic(path: string, value: unknown): void {
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}
