import { join } from "node:path";
import { writeFileAtomic } from "../files/atomic-file.js";
import { fileStamp } from "../files/file-stamp.js";
import { thisHost } from "../files/writer.js";
import { readText } from "../files/read-text.js";

/** The outputs of a job that this host has hashed, so that each is read for its hash once and not by every consumer. */
export interface VerifiedFiles {
  /** Whether this host found this hash, and the file has not changed since. */
  has(name: string, sha256: string): boolean;
  /** Records that the file has this hash now. */
  add(name: string, sha256: string): void;
  save(): void;
}

interface Verified {
  readonly stamp: string;
  readonly sha256: string;
}

/** @param folder  of the job; names are relative to it */
export function openVerifiedFiles(folder: string): VerifiedFiles {
  const path = join(folder, verifiedName());
  const files = read(path);
  let changed = false;
  return {
    has(name, sha256) {
      const file = files.get(name);
      return file?.sha256 === sha256 && file.stamp === fileStamp(join(folder, name));
    },
    add(name, sha256) {
      const stamp = fileStamp(join(folder, name));
      if (stamp !== null) files.set(name, { stamp, sha256 });
      changed = true;
    },
    // Without this record, files are hashed again: no fsync, and a full disk or a read-only folder is no error.
    save() {
      if (!changed) return;
      try {
        writeFileAtomic(path, JSON.stringify(Object.fromEntries(files)), false);
      } catch {
        return;
      }
    },
  };
}

/** Inodes and their times are those of this host. */
function verifiedName(): string {
  return `verified.${thisHost()}.json`;
}

function read(path: string): Map<string, Verified> {
  try {
    return new Map(Object.entries(JSON.parse(readText(path)) as Record<string, Verified>));
  } catch {
    return new Map();
  }
}
