import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { StrataError } from "../errors/strata-error.js";
import { fileStamp } from "../files/file-stamp.js";
import { hashFile } from "../files/hash.js";
import { refuseLfsPointerFile } from "../files/lfs-pointer.js";

/** A file from outside the store. Job ids depend on its content, but not on its path. */
export interface SourceFile {
  readonly path: string;
  readonly sha256: string;
}

const known = new Map<string, SourceFile & { readonly stamp: string }>();

/**
 * Hashes a file, once per process while its stamp does not change.
 *
 * @throws StrataError if the file does not exist or is a Git LFS pointer
 */
export async function sourceFile(path: string): Promise<SourceFile> {
  refuseLfsPointerFile(path);
  return hashedFile(path);
}

async function hashedFile(path: string): Promise<SourceFile> {
  const stamp = fileStamp(path);
  if (stamp === null) {
    throw new StrataError("RunError", {
      where: path,
      expected: "a file",
      got: "no such file",
      hint: "Check the path. Paths in a recipe are relative to its folder, paths in --set to the current folder.",
    });
  }
  const before = known.get(path);
  const sha256 = before?.stamp === stamp ? before.sha256 : await hashFile(path);
  known.set(path, { path, sha256, stamp });
  return { path, sha256 };
}

/** Hashes the files of a folder. It may contain Git LFS pointers to files that are not used: readers refuse those. */
export async function sourceFolder(folder: string): Promise<SourceFile[]> {
  if (!existsSync(folder)) return [await sourceFile(folder)];
  const names = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
  const files: SourceFile[] = [];
  for (const name of names.sort()) files.push(await hashedFile(join(folder, name)));
  return files;
}

/** Removes the `path` of every source file, so that moved data results in the same job id. */
export function withoutPaths(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPaths);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value as Record<string, unknown>);
  const isFile = "sha256" in value && "path" in value;
  return Object.fromEntries(
    entries.filter(([key]) => !(isFile && key === "path")).map(([key, v]) => [key, withoutPaths(v)]),
  );
}
