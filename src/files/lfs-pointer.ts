import { readFileSync } from "node:fs";
import { StrataError } from "../errors/strata-error.js";
import { readStart } from "./read-start.js";

/** Git LFS rejects larger pointers. */
export const maxPointerBytes = 1024;

const versions = /^version (https:\/\/(git-lfs|hawser)\.github\.com\/spec\/v1|http:\/\/git-media\.io\/v\/2)$/;
const line = /^[a-z0-9.-]+ \S+$/;

/**
 * Recognizes a Git LFS pointer: the small text file that a repository has in place of a large one until `git lfs pull`
 * fetches it. A text that only quotes a pointer is not one: every line must be a key and a value of one word. Blank
 * lines, spaces around lines and other line ends, which editors leave, do not matter.
 *
 * @param bytes  the whole file, or at least 1024 bytes from its start
 * @returns the size of the large file in bytes, NaN if the pointer lacks it; null if the bytes are not a pointer
 * @see https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
export function lfsPointerSize(bytes: Uint8Array): number | null {
  if (bytes.length >= maxPointerBytes || !startsWithVersion(bytes)) return null;
  const [version, ...lines] = Buffer.from(bytes)
    .toString("utf8")
    .split(/[\r\n]+/)
    .map((text) => text.trim())
    .filter((text) => text !== "");
  if (!versions.test(version) || !lines.every((text) => line.test(text))) return null;
  if (!lines.some((text) => text.startsWith("oid sha256:"))) return null;
  const size = lines.find((text) => text.startsWith("size "));
  return size === undefined ? NaN : Number(size.slice(5));
}

/** Avoids decoding the start of every file. */
function startsWithVersion(bytes: Uint8Array): boolean {
  return /^\s*version /.test(Buffer.from(bytes.subarray(0, 64)).toString("utf8"));
}

/** @param bytes  as for `lfsPointerSize` @throws StrataError if the content of the file is a Git LFS pointer */
export function refuseLfsPointer(path: string, bytes: Uint8Array): void {
  const size = lfsPointerSize(bytes);
  if (size === null) return;
  const download = Number.isFinite(size) ? ` (${size.toLocaleString("en-US")} bytes)` : "";
  throw new StrataError("FileError", {
    where: path,
    expected: "the content of the file",
    got: "a Git LFS pointer to it",
    hint: `Run \`git lfs pull\` in its repository to download the content${download}, or download the file itself.`,
  });
}

/** Ignores a file that cannot be read: its reader reports it. @throws StrataError for a Git LFS pointer */
export function refuseLfsPointerFile(path: string): void {
  refuseLfsPointer(path, readStart(path, maxPointerBytes));
}

/** Reads a whole file. @throws StrataError for a Git LFS pointer; Error as `readFileSync` */
export function readContent(path: string): Buffer {
  const bytes = readFileSync(path);
  refuseLfsPointer(path, bytes);
  return bytes;
}
