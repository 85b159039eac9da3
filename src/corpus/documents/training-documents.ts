import { statSync } from "node:fs";
import { createBadRecords } from "../records/bad-records.js";
import type { DatasetSource } from "./dataset.js";
import { readDocuments, type Document } from "./documents.js";
import type { DocumentContent } from "../tokens/encode-documents.js";
import { expandFiles } from "../records/expand-files.js";
import { createHashSet, type HashSet } from "./hash-set.js";
import { readingStart, type ReadingState } from "../records/reading-state.js";
import { fieldsOf } from "./render-text.js";
import { hashDocument, isHeldOut, type DocumentHash, type HoldOut } from "./split.js";

/** A data set and what of it is trained on. */
export interface TrainingData {
  readonly source: DatasetSource;
  /** What is not trained on. */
  readonly holdOut: HoldOut;
  /** How many bad records may be skipped. */
  readonly maxBadRecords: number;
  /** Whether a document goes whose text was there before. */
  readonly duplicates: "keep" | "remove";
  /** Only so much of the beginning: whole documents, up to so many bytes of text (UTF-8) or so many of them. */
  readonly limit: { readonly bytes: number } | { readonly documents: number } | { readonly tokens: number } | null;
}

export interface TrainingDocument extends DocumentContent {
  readonly hash: DocumentHash;
}

/** A run of a data set's records that ends with a document to train on; or without one, at the end or where none comes for long. */
export interface ReadPiece {
  readonly document: TrainingDocument | null;
  /** After it. */
  readonly state: ReadingState;
}

/** What is read of a data set, in order. */
export interface TrainingStream {
  readonly pieces: AsyncIterable<ReadPiece>;
  /** Bytes of the files, packed, that were read so far, and of all; null for made-up data. */
  fileBytes(): { readonly done: number; readonly total: number } | null;
}

/** A piece ends without a document after so many letters of text. */
const pieceLetters = 2 ** 24;

/**
 * Reads the documents of a data set that are trained on, which are those that are not held out, without duplicates if they
 * are to go, from the beginning to where it is cut. A cut by tokens is left to who counts them. Pieces are the same from
 * whichever piece's end reading goes on.
 *
 * @param from   where reading stood
 * @param known  hashes of the documents before, which are asked for only where duplicates go
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
    pieces: readPieces(data, from, known, (count) => void (fileBytes += count)),
    fileBytes: () => (total === null ? null : { done: Math.min(fileBytes, total), total }),
  };
}

async function* readPieces(
  data: TrainingData,
  from: ReadingState,
  known: () => Iterable<DocumentHash>,
  onBytes: (count: number) => void,
): AsyncIterable<ReadPiece> {
  if (from.isFinished) return;
  let state = from;
  let letters = 0;
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
    if (side === "pastCut") break;
    state = { ...stateAfter(state, side, read), skipped: bad.skipped() };
    letters += read.text.length;
    if (side !== "training" && letters < pieceLetters) continue;
    yield { document: side === "training" ? { parts: read.parts, messages: read.messages, hash } : null, state };
    letters = 0;
  }
  yield { document: null, state: { ...state, skipped: bad.skipped(), isFinished: true } };
}

type Side = "training" | "heldOut" | "duplicate" | "pastCut";

function sideOf(
  data: TrainingData,
  seen: HashSet | null,
  state: ReadingState,
  document: Document,
  hash: DocumentHash,
): Side {
  if (isHeldOut(hash, data.holdOut.share)) return "heldOut";
  if (seen && !seen.add(hash)) return "duplicate";
  return isBeyond(data.limit, state.documents + 1, state.bytes + bytesOf(document)) ? "pastCut" : "training";
}

function stateAfter(state: ReadingState, side: Exclude<Side, "pastCut">, document: Document): ReadingState {
  const read = { ...state, next: document.next };
  if (side === "heldOut") return { ...read, heldOut: state.heldOut + 1 };
  if (side === "duplicate") return { ...read, duplicates: state.duplicates + 1 };
  return { ...read, documents: state.documents + 1, bytes: state.bytes + bytesOf(document) };
}

function bytesOf({ text }: Document): number {
  return Buffer.byteLength(text);
}

function isBeyond(first: TrainingData["limit"], documents: number, bytes: number): boolean {
  if (first === null) return false;
  return ("bytes" in first && bytes > first.bytes) || ("documents" in first && documents > first.documents);
}
