import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  openSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { fileError, syncFolder } from "../../files/atomic-file.js";
import { createContentHash, updateFromFile, type ContentHash } from "./content-hash.js";
import { hubError, nameOf } from "../network/hub-errors.js";
import type { HubFile } from "../hub-file.js";
import { toldDigest } from "../file-metadata.js";
import { claimPartial } from "./partial-file.js";
import { fileUrl, type Repository } from "../repository.js";
import { request, type HubResponse } from "../network/request.js";
import { PassingFailure, withRetries } from "../network/retries.js";
import type { HubAccess } from "../settings.js";

/** The hub has other content under the name than it listed. */
export class ListingOutdated extends Error {}

/** How often whole content may come that is not what was listed. */
const maxMismatches = 2;

const heartbeatMilliseconds = 10_000;

/** A blob on its way. */
interface Transfer {
  readonly repository: Repository;
  readonly file: HubFile;
  readonly partial: string;
  readonly descriptor: number;
  /** Of the first `offset` bytes. */
  hash: ContentHash;
  offset: number;
  /** The furthest that `offset` ever was. */
  furthest: number;
  mismatches: number;
  /** What the storage calls the content that the partial file begins with; null if that is not known. */
  etag: string | null;
  readonly count: (bytes: number) => void;
}

/**
 * Brings the content of a file to `blob`: what an earlier download left is not fetched again, the whole is checked against the
 * listed hash, and the blob appears complete and flushed. What goes wrong leaves a partial file to go on from.
 *
 * @param repository  at the listed commit
 * @param count       is told the bytes that are there, less if they turn out to be wrong
 * @throws ListingOutdated, StrataError
 */
export async function fetchBlob(
  repository: Repository,
  file: HubFile,
  blob: string,
  access: HubAccess,
  count: (bytes: number) => void,
): Promise<void> {
  const partial = await claimPartial(blob, access.signal, (writer) => access.onWait?.({ path: file.path, writer }));
  if (partial === null) return count(file.bytes);
  const descriptor = open(partial);
  const touch = () => futimesSync(descriptor, new Date(), new Date());
  touch();
  const heartbeat = setInterval(touch, heartbeatMilliseconds);
  try {
    const transfer = await beginTransfer(repository, file, partial, descriptor, count);
    await withRetries(access.settings.patience, access.signal, (progressed) => receive(transfer, access, progressed));
    finish(transfer, blob);
  } catch (error) {
    // Whoever comes next need not wait.
    futimesSync(descriptor, 0, 0);
    throw error;
  } finally {
    clearInterval(heartbeat);
    closeSync(descriptor);
  }
}

function open(partial: string): number {
  try {
    return openSync(partial, "r+");
  } catch (error) {
    throw fileError(partial, "open the file", error);
  }
}

async function beginTransfer(
  repository: Repository,
  file: HubFile,
  partial: string,
  descriptor: number,
  count: Transfer["count"],
): Promise<Transfer> {
  const { size } = fstatSync(descriptor);
  const hash = createContentHash(file.digest, file.bytes);
  const transfer = {
    repository,
    file,
    partial,
    descriptor,
    hash,
    offset: 0,
    furthest: 0,
    mismatches: 0,
    etag: null,
    count,
  };
  if (size > file.bytes) ftruncateSync(descriptor, 0);
  else {
    await updateFromFile(hash, partial, size);
    transfer.offset = transfer.furthest = size;
    if (size > 0) count(size);
  }
  return transfer;
}

/** One connection: from where the transfer is to the end of the content, and the check. */
async function receive(transfer: Transfer, access: HubAccess, progressed: () => void): Promise<void> {
  const { file } = transfer;
  if (transfer.offset < file.bytes) {
    const answer = await ask(transfer, access);
    for await (const piece of answer.pieces()) {
      if (transfer.offset + piece.length > file.bytes) throw mismatch(transfer, "more bytes");
      write(transfer, piece);
      if (transfer.offset <= transfer.furthest) continue;
      transfer.furthest = transfer.offset;
      progressed();
    }
    if (transfer.offset < file.bytes) throw cut(transfer);
  }
  if (transfer.hash.digest() !== file.digest) throw mismatch(transfer, "other content");
}

/** Asks for the rest, and makes sure that what comes is the rest of the same. */
async function ask(transfer: Transfer, access: HubAccess): Promise<HubResponse> {
  const { repository, file, offset, etag } = transfer;
  const range = offset === 0 ? {} : { range: `bytes=${offset}-`, ...(etag === null ? {} : { "if-range": etag }) };
  const url = fileUrl(repository, file.path, access.settings);
  const answer = await request({ url, repository, path: file.path, headers: range, expected: [416] }, access);
  const { response, hubHeaders } = answer;
  const listed = toldDigest(hubHeaders);
  if (listed !== null && listed !== file.digest) {
    answer.close();
    throw new ListingOutdated(file.path);
  }
  const isRest =
    response.status === 206 &&
    response.headers.get("content-range") === `bytes ${offset}-${file.bytes - 1}/${file.bytes}`;
  if (offset > 0 && !isRest) {
    startAnew(transfer);
    if (response.status !== 200) {
      answer.close();
      throw cut(transfer);
    }
  }
  const own = response.headers.get("etag");
  transfer.etag = own === null || own.startsWith("W/") ? null : own;
  return answer;
}

function write(transfer: Transfer, piece: Uint8Array): void {
  try {
    for (let at = 0; at < piece.length;) {
      const written = writeSync(transfer.descriptor, piece, at, piece.length - at, transfer.offset);
      transfer.hash.update(piece.subarray(at, at + written));
      at += written;
      transfer.offset += written;
      transfer.count(written);
    }
  } catch (error) {
    throw fileError(transfer.partial, "write the file", error);
  }
}

function startAnew(transfer: Transfer): void {
  ftruncateSync(transfer.descriptor, 0);
  transfer.count(-transfer.offset);
  transfer.offset = 0;
  transfer.hash = createContentHash(transfer.file.digest, transfer.file.bytes);
  transfer.etag = null;
}

function cut({ repository, file, offset }: Transfer): PassingFailure {
  return new PassingFailure(
    hubError({
      where: `${nameOf(repository)} ${file.path}`,
      expected: `${file.bytes} bytes`,
      got: `a connection that ends after ${offset}`,
      hint: "Run the same command again: it goes on from there.",
    }),
  );
}

/** Wrong content is thrown away; it may have been a damaged partial file, or the network's fault. */
function mismatch(transfer: Transfer, got: string): Error {
  const { repository, file } = transfer;
  startAnew(transfer);
  const error = hubError({
    where: `${nameOf(repository)} ${file.path}`,
    expected: `${file.bytes} bytes with the hash ${file.digest}`,
    got,
    hint: "Run the same command again. If it stays so, something between here and the hub (HF_ENDPOINT, a proxy) changes what it sends.",
  });
  return ++transfer.mismatches < maxMismatches ? new PassingFailure(error) : error;
}

function finish({ partial, descriptor }: Transfer, blob: string): void {
  try {
    fsyncSync(descriptor);
    renameSync(partial, blob);
    syncFolder(dirname(blob));
  } catch (error) {
    // A process that took this one for dead has finished it.
    if (!existsSync(blob)) throw fileError(blob, "finish the file", error);
  }
}
