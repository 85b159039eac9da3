import { statSync } from "node:fs";
import { createBadRecords } from "../records/bad-records.js";
import type { DatasetSource } from "./dataset.js";
import { readDocuments, type Document } from "./documents.js";
import type { DocumentContent } from "../tokens/encode-documents.js";
import { expandFiles } from "../records/expand-files.js";
import { createHashSet, type HashSet } from "./hash-set.js";
import { readingStart, type ReadingState } from "../records/reading-state.js";
import { fieldsOf } from "./render-text.js";
import { hashDocument, splitOf, type DocumentHash, type HoldOut } from "./split.js";

/** A data set and the selection of its documents that is trained on. */
export interface TrainingData {
  readonly source: DatasetSource;
  /** Documents that are not trained on. */
  readonly holdOut: HoldOut;
  /** How many bad records may be skipped. */
  readonly maxBadRecords: number;
  /** Whether to keep documents whose text already occurred. */
  readonly duplicates: "keep" | "remove";
  /** Use only the first documents, up to this many bytes of text (UTF-8), documents or tokens. */
  readonly limit: { readonly bytes: number } | { readonly documents: number } | { readonly tokens: number } | null;
}

export interface TrainingDocument extends DocumentContent {
  readonly hash: DocumentHash;
}

/**
 * Consecutive records of a data set, up to and including the next training document. Has no document at the end of the
 * data, and after `maxSkippedCharacters` without one.
 */
export interface ReadChunk {
  readonly document: TrainingDocument | null;
  /** The state after the last record of the chunk. */
  readonly state: ReadingState;
}

/** The records of a data set, in order. */
export interface TrainingStream {
  readonly chunks: AsyncIterable<ReadChunk>;
  /** Bytes of the (compressed) files that were read so far, and of all files; null for synthetic data. */
  fileBytes(): { readonly done: number; readonly total: number } | null;
}

/** A chunk without a document ends after this many characters of skipped text. */
const maxSkippedCharacters = 2 ** 24;

/**
 * Reads the training documents of a data set: those that are not held out, optionally without duplicates, up to the
 * limit. A limit in tokens is left to the caller. Reading may resume after any chunk and yields the same chunks.
 *
 * @param from   the state after the last chunk that was read
 * @param known  hashes of the earlier documents; called only if duplicates are removed
 */
export function openTrainingDocuments(
  data: TrainingData,
  from: ReadingState = readingStart,
  known: () => Iterable<DocumentHash> = () => [],
): TrainingStream {
  const sizes = "files" in data.source ? expandFiles(data.source.files).map((path) => statSync(path).size) : null;
  let fileBytes = (sizes ?? []).slice(0, from.next.file).reduce((sum, size) => sum + size, 0);
  const total = sizes?.reduce((sum, size) => sum + size, 0) ?? null;
  return {
    chunks: readChunks(data, from, known, (count) => void (fileBytes += count)),
    fileBytes: () => (total === null ? null : { done: Math.min(fileBytes, total), total }),
  };
}

async function* readChunks(
  data: TrainingData,
  from: ReadingState,
  known: () => Iterable<DocumentHash>,
  onBytes: (count: number) => void,
): AsyncIterable<ReadChunk> {
  if (from.isFinished) return;
  let state = from;
  let skippedCharacters = 0;
  const bad = createBadRecords(data.maxBadRecords, from.skipped);
  const seen = data.duplicates === "remove" ? createHashSet() : null;
  if (seen) for (const hash of known()) seen.add(hash);
  for await (const read of readDocuments(data.source, {
    bad,
    from: from.next,
    fields: fieldsOf(data.source.text),
    onBytes,
  })) {
    const hash = hashDocument(read.text, data.holdOut.seed);
    const side = sideOf(data, seen, state, read, hash);
    const isFirst = state.documents === 0;
    if (side === "pastLimit") break;
    state = { ...stateAfter(state, side, read), skipped: bad.skipped() };
    skippedCharacters += read.text.length;
    if (side !== "training" && skippedCharacters < maxSkippedCharacters) continue;
    yield {
      document: side === "training" ? { parts: read.parts, messages: read.messages, isFirst, hash } : null,
      state,
    };
    skippedCharacters = 0;
  }
  yield { document: null, state: { ...state, skipped: bad.skipped(), isFinished: true } };
}

type Side = "training" | "heldOut" | "duplicate" | "pastLimit";

function sideOf(
  data: TrainingData,
  seen: HashSet | null,
  state: ReadingState,
  document: Document,
  hash: DocumentHash,
): Side {
  if (splitOf(hash, data.holdOut) !== "training") return "heldOut";
  if (seen && !seen.add(hash)) return "duplicate";
  return isPastLimit(data.limit, state.documents + 1, state.bytes + bytesOf(document)) ? "pastLimit" : "training";
}

function stateAfter(state: ReadingState, side: Exclude<Side, "pastLimit">, document: Document): ReadingState {
  const read = { ...state, next: document.next };
  if (side === "heldOut") return { ...read, heldOut: state.heldOut + 1 };
  if (side === "duplicate") return { ...read, duplicates: state.duplicates + 1 };
  return { ...read, documents: state.documents + 1, bytes: state.bytes + bytesOf(document) };
}

function bytesOf({ text }: Document): number {
  return Buffer.byteLength(text);
}

function isPastLimit(limit: TrainingData["limit"], documents: number, bytes: number): boolean {
  if (limit === null) return false;
  return ("bytes" in limit && bytes > limit.bytes) || ("documents" in limit && documents > limit.documents);
}
