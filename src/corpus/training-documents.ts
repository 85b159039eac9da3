import { statSync } from "node:fs";
import { createBadRecords, type SkippedRecords } from "./bad-records.js";
import type { DatasetSource } from "./dataset.js";
import { readDocuments, type Document } from "./documents.js";
import type { DocumentContent } from "./encode-documents.js";
import { expandFiles } from "./expand-files.js";
import { createHashSet } from "./hash-set.js";
import { firstRecord, type RecordPosition } from "./records.js";
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
}

/** How far reading has come, as plain data: it can go on from here. */
export interface ReadingState {
  readonly next: RecordPosition;
  /** Training documents. */
  readonly documents: number;
  /** Their text in UTF-8. */
  readonly bytes: number;
  /** Documents that were held out for validation. */
  readonly heldOut: number;
  /** Documents that were left out because their text was there before. */
  readonly duplicates: number;
  readonly skipped: SkippedRecords;
}

export const readingStart: ReadingState = {
  next: firstRecord, documents: 0, bytes: 0, heldOut: 0, duplicates: 0, skipped: { count: 0, first: [] },
};

export interface TrainingDocument extends DocumentContent {
  readonly hash: DocumentHash;
  /** After this document. */
  readonly state: ReadingState;
}

/** Documents to train on, in order. */
export interface TrainingStream {
  readonly documents: AsyncIterable<TrainingDocument>;
  /** After all that was read so far. */
  state(): ReadingState;
  /** Bytes of the files, packed, that were read so far, and of all; null for made-up data. */
  fileBytes(): { readonly done: number; readonly total: number } | null;
}

/**
 * Reads the documents of a data set that are trained on: those that are not held out, without duplicates if they are to
 * go, from the beginning to where the data set is cut. A cut by tokens is left to who counts them.
 *
 * @param from   where reading stood
 * @param known  hashes of the documents before, which are asked for only where duplicates go
 */
export function openTrainingDocuments(
  data: TrainingData, from: ReadingState = readingStart, known: () => Iterable<DocumentHash> = () => [],
): TrainingStream {
  let state = from;
  const sizes = "files" in data.source ? expandFiles(data.source.files).map((path) => statSync(path).size) : null;
  let fileBytes = (sizes ?? []).slice(0, from.next.file).reduce((sum, size) => sum + size, 0);
  const bad = createBadRecords(data.skipBad, from.skipped);
  const seen = data.duplicates === "remove" ? createHashSet() : null;
  if (seen) for (const hash of known()) seen.add(hash);

  async function* documents(): AsyncIterable<TrainingDocument> {
    const options = { bad, from: from.next, fields: fieldsOf(data.source.text), onBytes: (count: number) => void (fileBytes += count) };
    for await (const document of readDocuments(data.source, options)) {
      const read = { ...state, next: document.next, skipped: bad.skipped() };
      const hash = hashDocument(document.text, data.seed);
      if (isHeldOut(hash, data.validation)) state = { ...read, heldOut: read.heldOut + 1 };
      else if (seen && !seen.add(hash)) state = { ...read, duplicates: read.duplicates + 1 };
      else {
        const kept = { ...read, documents: read.documents + 1, bytes: read.bytes + bytesOf(document) };
        if (isBeyond(data.first, kept)) return;
        state = kept;
        yield { parts: document.parts, messages: document.messages, hash, state };
      }
    }
    state = { ...state, skipped: bad.skipped() };
  }

  const total = sizes?.reduce((sum, size) => sum + size, 0) ?? null;
  return {
    documents: documents(),
    state: () => state,
    fileBytes: () => (total === null ? null : { done: Math.min(fileBytes, total), total }),
  };
}

function bytesOf({ text }: Document): number {
  return Buffer.byteLength(text);
}

function isBeyond(first: TrainingData["first"], { documents, bytes }: ReadingState): boolean {
  if (first === null) return false;
  return ("bytes" in first && bytes > first.bytes) || ("documents" in first && documents > first.documents);
}
