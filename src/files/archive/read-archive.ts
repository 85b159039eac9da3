import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { createFolder } from "../create-folder.js";
import { createAtomicFile, fileError } from "../atomic-file.js";
import { hashBytes } from "../hash.js";
import { syncFiles } from "../sync-files.js";
import {
  archiveError,
  manifestHashLine,
  manifestHashPath,
  manifestPath,
  maxManifestBytes,
  parseManifest,
  type ArchiveManifest,
  type Member,
} from "./manifest.js";
import { blockBytes, describeHeader, endBytes, paddingOf, tarHeader } from "./tar-header.js";

/**
 * An archive whose manifest was verified. A reader accepts exactly the bytes that `writeArchive` writes for a manifest:
 * a member that is a link, a device, twice or not in the manifest differs from the header that must be at its place.
 */
export interface OpenArchive<Manifest extends ArchiveManifest = ArchiveManifest> {
  readonly path: string;
  readonly manifest: Manifest;
  /** Of manifest.json. */
  readonly sha256: string;
  /** Of the content of all members. */
  readonly bytes: number;
}

interface Reader {
  readonly path: string;
  readonly size: number;
  /** The next bytes, fewer at the end of the file; in memory that the next call uses again. */
  next(length: number): Buffer;
}

const chunkBytes = 1 << 20;

/** Reads and verifies the manifest. @throws StrataError naming the archive and the member */
export async function openArchive(path: string): Promise<OpenArchive> {
  return withReader(path, async (reader) => {
    const { content, manifest } = await readManifest(reader);
    const bytes = manifest.members.reduce((sum, member) => sum + member.bytes, 0);
    return { path, manifest, sha256: hashBytes(content), bytes };
  });
}

export interface ExtractOptions {
  /** Bytes available on the disk of the folder. */
  readonly freeBytes: number;
  readonly signal?: AbortSignal;
}

/**
 * Writes the members to a folder and verifies every byte of the archive; files are flushed. The folder is of no use if
 * this throws.
 *
 * @throws StrataError naming the archive and the member; the reason of `signal`
 */
export async function extractArchive(archive: OpenArchive, folder: string, options: ExtractOptions): Promise<void> {
  const { path, manifest, bytes } = archive;
  if (bytes > options.freeBytes) {
    const hint = "Free some space and run the same command again.";
    throw archiveError(path, `${bytes} bytes of free disk for ${folder}`, `${options.freeBytes} bytes`, hint);
  }
  await readMembers(archive, (reader, member) =>
    extractMember(reader, member, join(folder, member.path), options.signal),
  );
  await syncFiles(manifest.members.map((member) => join(folder, member.path)));
}

/** Verifies every byte of an archive. @throws StrataError naming the archive and the member; the reason of `signal` */
export async function verifyArchive(archive: OpenArchive, signal?: AbortSignal): Promise<void> {
  await readMembers(archive, (reader, member) => readMember(reader, member, () => {}, signal));
}

async function readMembers(
  { path, manifest, sha256 }: OpenArchive,
  read: (reader: Reader, member: Member) => Promise<void>,
): Promise<void> {
  await withReader(path, async (reader) => {
    const again = await readManifest(reader);
    if (hashBytes(again.content) !== sha256)
      throw archiveError(path, "a file that does not change while it is read", "a changed one");
    for (const member of manifest.members) await read(reader, member);
    const rest = reader.next(endBytes + 1);
    if (rest.length !== endBytes || rest.some((byte) => byte !== 0))
      throw archiveError(path, "the end of the archive after its last member", describeHeader(rest));
  });
}

async function withReader<T>(path: string, read: (reader: Reader) => Promise<T>): Promise<T> {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    throw fileError(path, "open the file", error);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile())
      throw archiveError(path, "a file that `strata pack` or `strata work` wrote", "no regular file");
    return await read({ path, size: stats.size, next: nextOf(descriptor, path) });
  } finally {
    closeSync(descriptor);
  }
}

function nextOf(descriptor: number, path: string): Reader["next"] {
  const memory = Buffer.alloc(chunkBytes);
  return (length) => {
    const bytes = length <= memory.length ? memory.subarray(0, length) : Buffer.alloc(length);
    let at = 0;
    while (at < length) {
      let count: number;
      try {
        count = readSync(descriptor, bytes, at, length - at, null);
      } catch (error) {
        throw fileError(path, "read the file", error);
      }
      if (count === 0) break;
      at += count;
    }
    return bytes.subarray(0, at);
  };
}

async function readManifest(reader: Reader): Promise<{ readonly content: Buffer; readonly manifest: ArchiveManifest }> {
  const { path } = reader;
  const bytes = await readManifestHeader(reader);
  const content = Buffer.from(readContent(reader, manifestPath, bytes));
  const line = manifestHashLine(hashBytes(content));
  await expectHeader(reader, { path: manifestHashPath, bytes: line.length });
  const stored = Buffer.from(readContent(reader, manifestHashPath, line.length));
  if (!stored.equals(line)) {
    const got = JSON.stringify(stored.toString("latin1").slice(0, 16));
    throw archiveError(`${path} ${manifestPath}`, `sha256 ${line.subarray(0, 16)}… as in ${manifestHashPath}`, got);
  }
  const manifest = parseManifest(path, content);
  await checkSize(reader, content.length, line.length, manifest.members);
  return { content, manifest };
}

/** @returns the size of the manifest, which its header must tell as `tarHeader` writes it */
async function readManifestHeader({ path, next }: Reader): Promise<number> {
  const block = Buffer.from(next(blockBytes));
  const bytes = parseInt(block.subarray(124, 136).toString("latin1"), 8);
  const isManifest = block.length === blockBytes && Number.isSafeInteger(bytes) && bytes >= 0;
  if (!isManifest || !block.equals(await tarHeader(manifestPath, bytes)))
    throw archiveError(path, `a file of Strata, which begins with ${manifestPath}`, describeHeader(block));
  if (bytes > maxManifestBytes)
    throw archiveError(`${path} ${manifestPath}`, `at most ${maxManifestBytes} bytes`, `${bytes} bytes`);
  return bytes;
}

async function expectHeader({ path, next }: Reader, member: Pick<Member, "path" | "bytes">): Promise<void> {
  const expected = await tarHeader(member.path, member.bytes);
  const found = next(expected.length);
  if (found.equals(expected)) return;
  const wanted = describeHeader(expected.subarray(-blockBytes));
  const got = describeHeader(found.subarray(-blockBytes));
  throw archiveError(`${path} ${member.path}`, `the header of ${wanted}`, got === wanted ? "a damaged one" : got);
}

function readContent({ path, next }: Reader, name: string, bytes: number): Buffer {
  const content = Buffer.from(next(bytes));
  if (content.length < bytes) throw archiveError(`${path} ${name}`, `${bytes} bytes`, `${content.length} bytes`);
  expectPadding({ path, next }, name, bytes);
  return content;
}

function expectPadding({ path, next }: Pick<Reader, "path" | "next">, name: string, bytes: number): void {
  const padding = next(paddingOf(bytes));
  if (padding.length !== paddingOf(bytes) || padding.some((byte) => byte !== 0))
    throw archiveError(`${path} ${name}`, "zeros after the content", "other bytes");
}

/** The size of an archive follows from its manifest, so that no member can claim more bytes than the file has. */
async function checkSize(
  { path, size }: Reader,
  manifestBytes: number,
  lineBytes: number,
  members: readonly Member[],
): Promise<void> {
  let expected = 2 * blockBytes + endBytes;
  for (const bytes of [manifestBytes, lineBytes, ...members.map((member) => member.bytes)])
    expected += bytes + paddingOf(bytes);
  for (const member of members) expected += (await tarHeader(member.path, member.bytes)).length;
  if (size !== expected) throw archiveError(path, `${expected} bytes, the sum of its manifest`, `${size} bytes`);
}

async function extractMember(
  reader: Reader,
  member: Member,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  createFolder(dirname(target));
  const file = createAtomicFile(target, false);
  try {
    await readMember(reader, member, (chunk) => file.write(chunk), signal);
    file.commit();
  } finally {
    file.abandon();
  }
}

/** Reads the next member and verifies it. @param onChunk  receives memory that is used again */
async function readMember(
  reader: Reader,
  member: Member,
  onChunk: (chunk: Buffer) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  await expectHeader(reader, member);
  const hash = createHash("sha256");
  for (let left = member.bytes; left > 0;) {
    signal?.throwIfAborted();
    const chunk = reader.next(Math.min(left, chunkBytes));
    if (chunk.length === 0)
      throw archiveError(`${reader.path} ${member.path}`, `${left} more bytes`, "the end of the file");
    hash.update(chunk);
    onChunk(chunk);
    left -= chunk.length;
    // Lets signals arrive.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const found = hash.digest("hex");
  if (found !== member.sha256) {
    const expected = `sha256 ${member.sha256.slice(0, 16)}…`;
    throw archiveError(`${reader.path} ${member.path}`, expected, `${found.slice(0, 16)}…`);
  }
  expectPadding(reader, member.path, member.bytes);
}
