import { existsSync, lstatSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { fileError, writeFileAtomic } from "../../files/atomic-file.js";
import { partialPath } from "../../files/partial-files.js";
import type { Listing } from "../listing.js";
import type { HubFile } from "../hub-file.js";
import { isCommit } from "../repository.js";
import { readText } from "../../files/read-text.js";

/**
 * A repository's folder in huggingface_hub's cache: `blobs/DIGEST` hold contents, `snapshots/COMMIT/PATH` are relative
 * symlinks to them, `refs/REVISION` holds the commit, `trees/COMMIT.json` lists the repository's files, and an empty
 * `.no_exist/COMMIT/PATH` records that a file does not exist.
 */
export const blobPath = (folder: string, digest: string) => join(folder, "blobs", digest);
export const snapshotFolder = (folder: string, commit: string) => join(folder, "snapshots", commit);

/** The last known commit of a revision; null if unknown. */
export function readCommit(folder: string, revision: string): string | null {
  if (isCommit(revision)) return revision;
  const path = join(folder, "refs", revision);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return null;
  const commit = readText(path).trim();
  return isCommit(commit) ? commit : null;
}

export function writeCommit(folder: string, revision: string, commit: string): void {
  if (readCommit(folder, revision) !== commit) writeInside(join(folder, "refs", revision), commit);
}

interface TreeFile {
  readonly format_version: number;
  readonly files: Readonly<
    Record<
      string,
      { readonly size: number; readonly blob_id: string; readonly lfs_sha256?: string; readonly lfs_size?: number }
    >
  >;
}

/** Null if the cache has no listing of this commit. */
export function readListing(folder: string, commit: string): Listing | null {
  try {
    const { format_version, files } = JSON.parse(readText(treePath(folder, commit))) as TreeFile;
    if (format_version !== 1) return null;
    const listed = Object.entries(files).map(([path, { size, blob_id, lfs_sha256, lfs_size }]): HubFile => ({
      path,
      bytes: lfs_size ?? size,
      digest: lfs_sha256 ?? blob_id,
      blobId: blob_id,
    }));
    return { commit, files: listed };
  } catch {
    return null;
  }
}

export function writeListing(folder: string, { commit, files }: Listing): void {
  const entries = files.map(({ path, bytes, digest, blobId }) => {
    const large = digest === blobId ? {} : { lfs_sha256: digest, lfs_size: bytes };
    return [path, { size: bytes, blob_id: blobId, ...large }];
  });
  const tree: TreeFile = { format_version: 1, files: Object.fromEntries(entries) as TreeFile["files"] };
  writeInside(treePath(folder, commit), `${JSON.stringify(tree, null, 1)}\n`);
}

const treePath = (folder: string, commit: string) => join(folder, "trees", `${commit}.json`);

/** The files present in a snapshot, which may be only some of the repository's, sorted. */
export function snapshotFiles(folder: string, commit: string): string[] {
  const snapshot = snapshotFolder(folder, commit);
  if (!existsSync(snapshot)) return [];
  return readdirSync(snapshot, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(snapshot, path), { throwIfNoEntry: false })?.isFile())
    .sort();
}

/** Whether a snapshot has a file with its full size. */
export function hasFile(folder: string, commit: string, { path, bytes }: HubFile): boolean {
  return statSync(join(snapshotFolder(folder, commit), path), { throwIfNoEntry: false })?.size === bytes;
}

/** Removes a blob of the wrong size, for example from a cache that was copied to a full disk. */
export function dropDamaged(blob: string, bytes: number): void {
  const stat = statSync(blob, { throwIfNoEntry: false });
  if (stat && stat.size !== bytes) rmSync(blob, { force: true });
}

/** Links a blob under its name in a snapshot. */
export function linkFile(folder: string, commit: string, { path, digest }: HubFile): void {
  const link = join(snapshotFolder(folder, commit), path);
  const target = relative(dirname(link), blobPath(folder, digest));
  createFolder(dirname(link));
  const partial = partialPath(link);
  try {
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(link) === target) return;
    rmSync(partial, { force: true });
    symlinkSync(target, partial);
    renameSync(partial, link);
  } catch (error) {
    throw fileError(link, "make the link", error);
  }
}

/** Records that a file does not exist in the repository. */
export function markMissing(folder: string, commit: string, path: string): void {
  const mark = join(folder, ".no_exist", commit, path);
  if (!existsSync(mark)) writeInside(mark, "");
}

function writeInside(path: string, content: string): void {
  createFolder(dirname(path));
  writeFileAtomic(path, content);
}
