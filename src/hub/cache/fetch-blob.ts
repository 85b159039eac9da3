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
import { digestOf } from "../file-metadata.js";
import { claimPartial } from "./partial-file.js";
import { fileUrl, type Repository } from "../repository.js";
import { request, type HubResponse } from "../network/request.js";
import { TransientError, withRetries } from "../network/retries.js";
import type { HubAccess } from "../settings.js";

/** The hub's digest of a file differs from the listing. */
export class ListingOutdated extends Error {}

/** A second complete download with the wrong content is an error. */
const maxMismatches = 2;

const heartbeatMilliseconds = 10_000;

/** A blob that is being downloaded. */
interface Transfer {
  readonly repository: Repository;
  readonly file: HubFile;
  readonly partial: string;
  readonly descriptor: number;
  /** Hash of the first `offset` bytes. */
  hash: ContentHash;
  offset: number;
  /** The largest `offset` so far. */
  maxOffset: number;
  mismatches: number;
  /** The storage's strong ETag of the content in the partial file, for If-Range; null if unknown. */
  etag: string | null;
  readonly count: (bytes: number) => void;
}

/**
 * Downloads a file to `blob`: resumes a partial file if there is one, verifies the listed hash, flushes and renames.
 * After a failure the partial file stays, so that the next download can resume it.
 *
 * @param repository  at the listed commit
 * @param count       called with the number of bytes added; negative if bytes are discarded
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
    await withRetries(access.settings.retryPolicy, access.signal, (progressed) =>
      receive(transfer, access, progressed),
    );
    finish(transfer, blob);
  } catch (error) {
    // Mark the partial file as abandoned, so that the next process does not wait for it.
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
    maxOffset: 0,
    mismatches: 0,
    etag: null,
    count,
  };
  if (size > file.bytes) ftruncateSync(descriptor, 0);
  else {
    await updateFromFile(hash, partial, size);
    transfer.offset = transfer.maxOffset = size;
    if (size > 0) count(size);
  }
  return transfer;
}

/** One attempt: downloads from `offset` to the end, then verifies the hash. */
async function receive(transfer: Transfer, access: HubAccess, progressed: () => void): Promise<void> {
  const { file } = transfer;
  if (transfer.offset < file.bytes) {
    const answer = await requestRest(transfer, access);
    for await (const chunk of answer.chunks()) {
      if (transfer.offset + chunk.length > file.bytes) throw mismatch(transfer, "more bytes");
      write(transfer, chunk);
      if (transfer.offset <= transfer.maxOffset) continue;
      transfer.maxOffset = transfer.offset;
      progressed();
    }
    if (transfer.offset < file.bytes) throw closedEarly(transfer);
  }
  if (transfer.hash.digest() !== file.digest) throw mismatch(transfer, "different content");
}

/** Requests the bytes from `offset` on, and restarts unless the response continues the same content. */
async function requestRest(transfer: Transfer, access: HubAccess): Promise<HubResponse> {
  const { repository, file, offset, etag } = transfer;
  const range = offset === 0 ? {} : { range: `bytes=${offset}-`, ...(etag === null ? {} : { "if-range": etag }) };
  const url = fileUrl(repository, file.path, access.settings);
  const answer = await request({ url, repository, path: file.path, headers: range, expected: [416] }, access);
  const { response, hubHeaders } = answer;
  const listed = digestOf(hubHeaders);
  if (listed !== null && listed !== file.digest) {
    answer.close();
    throw new ListingOutdated(file.path);
  }
  const isRest =
    response.status === 206 &&
    response.headers.get("content-range") === `bytes ${offset}-${file.bytes - 1}/${file.bytes}`;
  if (offset > 0 && !isRest) {
    restart(transfer);
    if (response.status !== 200) {
      answer.close();
      throw closedEarly(transfer);
    }
  }
  const received = response.headers.get("etag");
  transfer.etag = received === null || received.startsWith("W/") ? null : received;
  return answer;
}

function write(transfer: Transfer, chunk: Uint8Array): void {
  try {
    for (let at = 0; at < chunk.length;) {
      const written = writeSync(transfer.descriptor, chunk, at, chunk.length - at, transfer.offset);
      transfer.hash.update(chunk.subarray(at, at + written));
      at += written;
      transfer.offset += written;
      transfer.count(written);
    }
  } catch (error) {
    throw fileError(transfer.partial, "write the file", error);
  }
}

function restart(transfer: Transfer): void {
  ftruncateSync(transfer.descriptor, 0);
  transfer.count(-transfer.offset);
  transfer.offset = 0;
  transfer.hash = createContentHash(transfer.file.digest, transfer.file.bytes);
  transfer.etag = null;
}

function closedEarly({ repository, file, offset }: Transfer): TransientError {
  return new TransientError(
    hubError({
      where: `${nameOf(repository)} ${file.path}`,
      expected: `${file.bytes} bytes`,
      got: `a connection that was closed after ${offset}`,
      hint: "Run the same command again: the download resumes there.",
    }),
  );
}

/** Discards wrong content. A retry may help: the partial file may have been damaged, or the network. */
function mismatch(transfer: Transfer, got: string): Error {
  const { repository, file } = transfer;
  restart(transfer);
  const error = hubError({
    where: `${nameOf(repository)} ${file.path}`,
    expected: `${file.bytes} bytes with the hash ${file.digest}`,
    got,
    hint: "Run the same command again. If the error persists, a mirror (HF_ENDPOINT) or a proxy alters the content.",
  });
  return ++transfer.mismatches < maxMismatches ? new TransientError(error) : error;
}

function finish({ partial, descriptor }: Transfer, blob: string): void {
  try {
    fsyncSync(descriptor);
    renameSync(partial, blob);
    syncFolder(dirname(blob));
  } catch (error) {
    // Another process may have assumed that this one had ended, and finished the blob.
    if (!existsSync(blob)) throw fileError(blob, "finish the file", error);
  }
}
