import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createAtomicFile, type AtomicFile } from "../atomic-file.js";
import { hashBytes } from "../hash.js";
import {
  archiveError,
  archiveFormat,
  archiveVersion,
  manifestHashLine,
  manifestHashPath,
  manifestPath,
  type ArchiveManifest,
  type Member,
} from "./manifest.js";
import { endBytes, paddingOf, tarHeader } from "./tar-header.js";

/** A member to write: a file, or its content. */
export interface WrittenMember extends Member {
  readonly source: string | Buffer;
}

/** A member with content from memory. */
export function contentMember(path: string, content: Buffer | string): WrittenMember {
  const source = Buffer.from(content);
  return { path, bytes: source.length, sha256: hashBytes(source), source };
}

export interface PlannedArchive {
  readonly manifest: Buffer;
  /** Of the manifest, and so of the whole content. */
  readonly sha256: string;
  readonly members: readonly WrittenMember[];
  /** Of the content of all members. */
  readonly bytes: number;
}

/** @param description  what users of the archive add to its manifest */
export function planArchive(description: object, members: readonly WrittenMember[]): PlannedArchive {
  const manifest: ArchiveManifest = {
    format: archiveFormat,
    formatVersion: archiveVersion,
    ...description,
    members: members.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
  };
  const content = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  const bytes = members.reduce((sum, member) => sum + member.bytes, 0);
  return { manifest: content, sha256: hashBytes(content), members, bytes };
}

/**
 * Writes a tar file that has the manifest first. The bytes depend on the plan alone. Members are read once, in chunks
 * of 1 MiB.
 *
 * @throws StrataError if a member no longer has its hash, or the disk is full; `path` is then not written
 * @throws the reason of `signal`
 */
export async function writeArchive(path: string, plan: PlannedArchive, signal?: AbortSignal): Promise<void> {
  const file = createAtomicFile(path);
  try {
    const first = [
      contentMember(manifestPath, plan.manifest),
      contentMember(manifestHashPath, manifestHashLine(plan.sha256)),
    ];
    for (const member of [...first, ...plan.members]) await writeMember(file, member, signal);
    file.write(new Uint8Array(endBytes));
    file.commit();
  } finally {
    file.abandon();
  }
}

async function writeMember(file: AtomicFile, member: WrittenMember, signal?: AbortSignal): Promise<void> {
  const { path, bytes, sha256, source } = member;
  file.write(await tarHeader(path, bytes));
  const hash = createHash("sha256");
  let written = 0;
  for await (const chunk of typeof source === "string"
    ? createReadStream(source, { highWaterMark: 1 << 20 })
    : [source]) {
    signal?.throwIfAborted();
    hash.update(chunk as Buffer);
    file.write(chunk as Buffer);
    written += (chunk as Buffer).length;
  }
  const where = typeof source === "string" ? source : path;
  const hint = "The file was damaged after it was written: remove the folder of its job and run again.";
  if (written !== bytes) throw archiveError(where, `${bytes} bytes`, `${written} bytes`, hint);
  const found = hash.digest("hex");
  if (found !== sha256) throw archiveError(where, `sha256 ${sha256.slice(0, 16)}…`, `${found.slice(0, 16)}…`, hint);
  file.write(new Uint8Array(paddingOf(bytes)));
}
