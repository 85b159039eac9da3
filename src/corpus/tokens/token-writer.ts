import { join } from "node:path";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import { StrataError } from "../../errors/strata-error.js";
import type { EncodedChunk } from "./encode-batches.js";
import { hashesOf } from "./hash-file.js";
import type { TokenBytes } from "../../files/number-file.js";
import { readingStart, type ReadingState } from "../records/reading-state.js";
import { openSegmentJournal } from "./segment-journal.js";
import { createSegmentWriter, type SegmentWriter } from "./segment-writer.js";
import { drawOf, type DocumentHash } from "../documents/split.js";
import { manifestFile, type TokenManifest } from "./token-manifest.js";
import type { Tokenized, TokenizeOptions } from "./tokenize-options.js";

/** Writes tokenized documents in segments, after the finished segments in the folder. */
export interface TokenWriter {
  /** The reading state after the last chunk that was added. */
  state(): ReadingState;
  tokens(): number;
  /** The hashes of the documents in finished segments. */
  hashes(): Iterable<DocumentHash>;
  /** @returns false if this chunk's document exceeds the limit in tokens */
  add(chunk: EncodedChunk): boolean;
  /** Segments end only at the ends of batches, which are the same after an interruption. */
  endBatch(): void;
  /** @throws StrataError if there is no document */
  complete(): Tokenized;
  abandon(): void;
}

/** 2^26 tokens are about 300 MB of text: a killed process loses at most about that much work. */
const defaultSegmentTokens = 2 ** 26;

export type TokenWriterOptions = Omit<TokenizeOptions, "open" | "encode" | "callsAtOnce">;

export function createTokenWriter(options: TokenWriterOptions): TokenWriter {
  const { folder, vocabSize, data, lossOn, segmentTokens = defaultSegmentTokens } = options;
  const tokenBytes: TokenBytes = vocabSize <= 65536 ? 2 : 4;
  const maxTokens = data.limit && "tokens" in data.limit ? data.limit.tokens : Infinity;
  const journal = openSegmentJournal(folder, options.onNote ?? (() => {}));
  let { state, minDraw } = journal.finished.at(-1) ?? { state: readingStart, minDraw: 1 };
  let tokens = journal.finished.reduce((sum, { segment }) => sum + segment.tokens, 0);
  let writer: SegmentWriter | null = null;
  let segmentSize = 0;
  const segment = () =>
    (writer ??= createSegmentWriter(folder, journal.finished.length, tokenBytes, lossOn === "completions"));
  const finishSegment = () => {
    if (writer) journal.add({ segment: writer.finish(), state, minDraw });
    [writer, segmentSize] = [null, 0];
  };
  return {
    state: () => state,
    tokens: () => tokens,
    hashes: () =>
      hashesOf(
        folder,
        journal.finished.map(({ segment }) => segment),
      ),
    add({ document, state: read }) {
      if (document !== null && tokens + document.ids.length > maxTokens) {
        state = { ...state, heldOut: read.heldOut, isFinished: true };
        return false;
      }
      state = read;
      if (document === null) return true;
      segment().add(document.ids, document.isAnswer, document.hash);
      tokens += document.ids.length;
      segmentSize += document.ids.length;
      minDraw = Math.min(minDraw, drawOf(document.hash));
      return true;
    },
    endBatch() {
      if (segmentSize >= segmentTokens) finishSegment();
    },
    complete() {
      if (state.documents === 0) throw noDocuments(folder);
      finishSegment();
      const segments = journal.finished.map(({ segment }) => segment);
      const manifest = { tokenBytes, vocabSize, ...countsOf(state, data, tokens, minDraw), segments };
      writeJsonAtomic(join(folder, manifestFile), manifest);
      return { manifest, skipped: state.skipped };
    },
    abandon: () => writer?.abandon(),
  };
}

/** The entries of the manifest between `vocabSize` and `segments`. */
function countsOf(
  { documents, bytes, heldOut, duplicates, skipped }: ReadingState,
  data: TokenWriterOptions["data"],
  tokens: number,
  minDraw: number,
): Omit<TokenManifest, "tokenBytes" | "vocabSize" | "segments"> {
  return {
    documents,
    tokens,
    textBytes: bytes,
    holdOut: data.holdOut,
    heldOut,
    minDraw,
    duplicatesRemoved: data.duplicates === "remove" ? duplicates : null,
    skipped: skipped.count,
  };
}

function noDocuments(where: string): StrataError {
  return new StrataError("CorpusError", {
    where,
    expected: "at least one document",
    got: "none",
    hint: "Check the files of the data set; if it has few documents, lower `holdOut`.",
  });
}
