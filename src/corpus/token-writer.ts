import { join } from "node:path";
import { writeJsonAtomic } from "../tensor/atomic-file.js";
import { StrataError } from "../tensor/errors.js";
import type { EncodedDocument } from "./encode-batches.js";
import { readNumbers, type TokenBytes } from "./number-file.js";
import { openSegmentJournal } from "./segment-journal.js";
import { createSegmentWriter, type SegmentWriter } from "./segment-writer.js";
import { drawOf, type DocumentHash } from "./split.js";
import { manifestFile, type Segment, type TokenManifest } from "./token-manifest.js";
import type { Tokenized, TokenizeOptions } from "./tokenize.js";
import { readingStart, type ReadingState } from "./training-documents.js";

/** Writes tokenized documents in segments, after those that are finished in the folder. */
export interface TokenWriter {
  /** How far reading had come with the last document that was added. */
  state(): ReadingState;
  tokens(): number;
  /** Of the documents in finished segments. */
  hashes(): Iterable<DocumentHash>;
  /** @returns false, and adds nothing, if the data set is cut before this document by its number of tokens */
  add(document: EncodedDocument): boolean;
  /** Segments end at the ends of batches, which are the same after an interruption. */
  endBatch(): void;
  /** @throws StrataError if there is no document */
  complete(state: ReadingState): Tokenized;
  abandon(): void;
}

/** 2^26 tokens are about 300 MB of text: what a killed process had of the next segment is soon done again. */
const defaultSegmentTokens = 2 ** 26;

export type TokenWriterOptions = Omit<TokenizeOptions, "open" | "encode" | "callsAtOnce">;

export function createTokenWriter(options: TokenWriterOptions): TokenWriter {
  const { folder, vocabularySize, data, lossOn, segmentTokens = defaultSegmentTokens } = options;
  const tokenBytes: TokenBytes = vocabularySize <= 65536 ? 2 : 4;
  const mostTokens = data.first && "tokens" in data.first ? data.first.tokens : Infinity;
  const journal = openSegmentJournal(folder, tokenBytes);
  let { state, leastDraw } = journal.finished.at(-1) ?? { state: readingStart, leastDraw: 1 };
  let tokens = journal.finished.reduce((sum, { segment }) => sum + segment.tokens, 0);
  let writer: SegmentWriter | null = null;
  const finishSegment = () => {
    if (writer) journal.add({ segment: writer.finish(), state, leastDraw });
    writer = null;
  };
  return {
    state: () => state,
    tokens: () => tokens,
    hashes: () => hashesOf(folder, journal.finished.map(({ segment }) => segment)),
    add({ document, ids, isAnswer }) {
      if (tokens + ids.length > mostTokens) return false;
      writer ??= createSegmentWriter(folder, journal.finished.length, tokenBytes, lossOn === "answers");
      writer.add(ids, isAnswer, document.hash);
      tokens += ids.length;
      leastDraw = Math.min(leastDraw, drawOf(document.hash));
      state = document.state;
      return true;
    },
    endBatch() {
      if (writer && writer.tokens >= segmentTokens) finishSegment();
    },
    complete(last) {
      if (state.documents === 0) throw noDocuments(folder);
      finishSegment();
      const manifest: TokenManifest = {
        tokenBytes,
        vocabularySize,
        documents: last.documents,
        tokens,
        textBytes: last.bytes,
        validation: { share: data.validation, seed: data.seed, heldOut: last.heldOut, leastDraw },
        duplicatesRemoved: data.duplicates === "remove" ? last.duplicates : null,
        skipped: last.skipped.count,
        segments: journal.finished.map(({ segment }) => segment),
      };
      writeJsonAtomic(join(folder, manifestFile), manifest);
      return { manifest, skipped: last.skipped };
    },
    abandon: () => writer?.abandon(),
  };
}

function* hashesOf(folder: string, segments: readonly Segment[]): Iterable<DocumentHash> {
  for (const { hashes, documents } of segments) {
    const words = readNumbers(join(folder, hashes), 4, 2 * documents);
    for (let i = 0; i < words.length; i += 2) yield { high: words[i], low: words[i + 1] };
  }
}

function noDocuments(where: string): StrataError {
  return new StrataError("CorpusError", {
    where,
    expected: "at least one document",
    got: "none",
    hint: "Check the files of the data set, and that its share for validation is below 1.",
  });
}
