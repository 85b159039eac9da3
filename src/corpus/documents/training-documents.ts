import { statSync } from "node:fs";
import { createBadRecords, type BadRecords } from "../records/bad-records.js";
import type { DatasetSource } from "./dataset.js";
import { readDocuments, type Document } from "./documents.js";
import type { DocumentContent } from "../tokens/encode-documents.js";
import { expandFiles } from "../records/expand-files.js";
import { createHashSet, type HashSet } from "./hash-set.js";
import { readingStart, type ReadingState } from "../records/reading-state.js";
import { fieldsOf } from "./render-text.js";
import { hashDocument, isHeldOut, type DocumentHash } from "./split.js";

/** A data set and what of it is trained on. */
export interface TrainingData {
  readonly source: DatasetSource;
  /** Share of the documents that is held out, drawn by the hash of their text. */
  readonly validation: number;
  readonly seed: number;
  /** How many bad records may be skipped. */
  readonly skipBad: number;
  /** Whether a document goes whose text was there before. */
  readonly duplicates: "keep" | "remove";
  /** Only so much of the beginning: whole documents, up to so many bytes of text (UTF-8) or so many of them. */
  readonly first: { readonly bytes: number } | { readonly documents: number } | { readonly tokens: number } | null;
  /** Whether reading goes on after that to find all that is held out. */
  readonly heldOutPastCut: boolean;
}

export interface TrainingDocument extends DocumentContent {
  readonly hash: DocumentHash;
}

/** A run of a data set's records that ends with a document to train on; or without one, at the end or where none comes for long. */
export interface ReadPiece {
  readonly document: TrainingDocument | null;
  /** Of the documents in it that are held out, in order. */
  readonly heldOut: readonly DocumentHash[];
  /** After it. */
  readonly state: ReadingState;
}

/** What is read of a data set, in order. */
export interface TrainingStream {
  readonly pieces: AsyncIterable<ReadPiece>;
  /** Bytes of the files, packed, that were read so far, and of all; null for made-up data. */
  fileBytes(): { readonly done: number; readonly total: number } | null;
}

/** A piece ends without a document at so many held-out ones, or so many letters of text that was read. */
const pieceHeldOut = 4096;
const pieceLetters = 2 ** 24;

/**
 * Reads a data set: the documents that are trained on, which are those that are not held out, without duplicates if they
 * are to go, from the beginning to where it is cut; and the hashes of those held out. A cut by tokens is left to who counts
 * them. Pieces are the same from whichever piece's end reading goes on.
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
  let state = from;
  let heldOut: DocumentHash[] = [];
  let letters = 0;
  const piece = (document: TrainingDocument | null): ReadPiece => {
    const ended = { document, heldOut, state };
    [heldOut, letters] = [[], 0];
    return ended;
  };
  const counted = createBadRecords(data.skipBad, from.skipped);
  const bad: BadRecords = { ...counted, add: (error) => void (state.isCut || counted.add(error)) };
  const seen = data.duplicates === "remove" && !from.isCut ? createHashSet() : null;
  if (seen) for (const hash of known()) seen.add(hash);
  if (state.isCut && !readsOn(data)) return;
  for await (const read of readDocuments(data.source, {
    bad,
    from: from.next,
    fields: fieldsOf(data.source.text),
    onBytes,
  })) {
    const hash = hashDocument(read.text, data.seed);
    const side = sideOf(data, seen, state, read, hash);
    state = { ...stateAfter(state, side, read), skipped: bad.skipped() };
    if (state.isCut && !readsOn(data)) break;
    letters += read.text.length;
    if (side === "heldOut") heldOut.push(hash);
    if (side === "training") yield piece({ parts: read.parts, messages: read.messages, hash });
    else if (heldOut.length >= pieceHeldOut || letters >= pieceLetters) yield piece(null);
  }
  state = { ...state, skipped: bad.skipped() };
  yield piece(null);
}

/** Whether anything after the cut of a data set is of use. */
export function readsOn({ heldOutPastCut, validation }: Pick<TrainingData, "heldOutPastCut" | "validation">): boolean {
  return heldOutPastCut && validation > 0;
}

type Side = "training" | "heldOut" | "duplicate" | "pastCut";

function sideOf(
  data: TrainingData,
  seen: HashSet | null,
  state: ReadingState,
  document: Document,
  hash: DocumentHash,
): Side {
  if (isHeldOut(hash, data.validation)) return "heldOut";
  if (state.isCut) return "pastCut";
  if (seen && !seen.add(hash)) return "duplicate";
  return isBeyond(data.first, state.documents + 1, state.bytes + bytesOf(document)) ? "pastCut" : "training";
}

function stateAfter(state: ReadingState, side: Side, document: Document): ReadingState {
  const read = { ...state, next: document.next };
  if (side === "heldOut") return { ...read, heldOut: state.heldOut + 1 };
  if (side === "duplicate") return { ...read, duplicates: state.duplicates + 1 };
  if (side === "pastCut") return { ...read, isCut: true };
  return { ...read, documents: state.documents + 1, bytes: state.bytes + bytesOf(document) };
}

function bytesOf({ text }: Document): number {
  return Buffer.byteLength(text);
}

function isBeyond(first: TrainingData["first"], documents: number, bytes: number): boolean {
  if (first === null) return false;
  return ("bytes" in first && bytes > first.bytes) || ("documents" in first && documents > first.documents);
}
