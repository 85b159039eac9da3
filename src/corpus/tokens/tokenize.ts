import { StrataError } from "../../errors/strata-error.js";
import { encodeBatches } from "./encode-batches.js";
import type { EncodeContents } from "./encode-documents.js";
import type { SkippedRecords } from "../records/bad-records.js";
import type { DocumentHash } from "../documents/split.js";
import type { TokenManifest } from "./token-manifest.js";
import { createTokenWriter, type TokenWriter } from "./token-writer.js";
import type { ReadingState } from "../records/reading-state.js";
import type { TrainingData, TrainingStream } from "../documents/training-documents.js";

export interface TokenizeOptions {
  /** Opens the documents from where reading stood; `known` gives the hashes of those before. */
  readonly open: (from: ReadingState, known: () => Iterable<DocumentHash>) => TrainingStream;
  readonly data: Pick<TrainingData, "holdOut" | "duplicates" | "first">;
  /** `answers`: of a document, only what its encoding says to be an answer is to be predicted. */
  readonly lossOn: "all" | "answers";
  readonly vocabularySize: number;
  readonly encode: EncodeContents;
  /** Calls of `encode` at a time. */
  readonly callsAtOnce: number;
  /** An existing folder. */
  readonly folder: string;
  /** A segment of the output ends with the batch that reaches so many tokens. */
  readonly segmentTokens?: number;
  readonly signal?: AbortSignal;
  /** After every batch. */
  readonly onProgress?: (progress: TokenizeProgress) => void;
}

export interface TokenizeProgress {
  readonly state: ReadingState;
  readonly tokens: number;
  readonly fileBytes: ReturnType<TrainingStream["fileBytes"]>;
}

export interface Tokenized {
  readonly manifest: TokenManifest;
  readonly skipped: SkippedRecords;
}

/**
 * Writes documents as tokens into a folder, manifest.json last. Goes on after what a killed process finished there. The bytes are the same however often that happened, and for any number of calls at once;
 * memory does not grow with the data, but for 16 bytes a document where duplicates go.
 *
 * @throws StrataError if there is no document, or the signal aborts
 */
export async function tokenizeDocuments(options: TokenizeOptions): Promise<Tokenized> {
  const writer = createTokenWriter(options);
  try {
    await addAll(writer, options);
    return writer.complete();
  } finally {
    writer.abandon();
  }
}

async function addAll(writer: TokenWriter, options: TokenizeOptions): Promise<void> {
  const stream = options.open(writer.state(), writer.hashes);
  for await (const batch of encodeBatches(stream.pieces, options)) {
    if (!batch.every((piece) => writer.add(piece))) return;
    writer.endBatch();
    options.onProgress?.({ state: writer.state(), tokens: writer.tokens(), fileBytes: stream.fileBytes() });
    if (options.signal?.aborted) throw interrupted(options.folder);
  }
}

function interrupted(where: string): StrataError {
  return new StrataError("CorpusError", {
    where,
    expected: "to tokenize all documents",
    got: "an interruption",
    hint: "What was finished is kept: run the same command again to go on from here.",
  });
}
