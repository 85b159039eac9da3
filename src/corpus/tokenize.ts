import { StrataError } from "../tensor/errors.js";
import { encodeBatches } from "./encode-batches.js";
import type { EncodeContents } from "./encode-documents.js";
import type { SkippedRecords } from "./bad-records.js";
import type { DocumentHash } from "./split.js";
import type { TokenManifest } from "./token-manifest.js";
import { createTokenWriter } from "./token-writer.js";
import type { ReadingState, TrainingData, TrainingStream } from "./training-documents.js";

export interface TokenizeOptions {
  /** Opens the documents from where reading stood; `known` gives the hashes of those before. */
  readonly open: (from: ReadingState, known: () => Iterable<DocumentHash>) => TrainingStream;
  readonly data: Pick<TrainingData, "validation" | "seed" | "duplicates" | "first">;
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
 * Writes documents as tokens into a folder, manifest.json last. Goes on after what a killed process finished there. The bytes are the same however often that happened, and for any
 * number of calls at once; memory does not grow with the data, but for 16 bytes a document where duplicates go.
 *
 * @throws StrataError if there is no document, or the signal aborts
 */
export async function tokenizeDocuments(options: TokenizeOptions): Promise<Tokenized> {
  const { folder, signal } = options;
  const writer = createTokenWriter(options);
  const stream = options.open(writer.state(), writer.hashes);
  try {
    let isFull = false;
    for await (const batch of encodeBatches(stream.documents, options)) {
      isFull = !batch.every((document) => writer.add(document));
      if (isFull) break;
      writer.endBatch();
      options.onProgress?.({ state: writer.state(), tokens: writer.tokens(), fileBytes: stream.fileBytes() });
      if (signal?.aborted) throw interrupted(folder);
    }
    return writer.complete(isFull ? writer.state() : stream.state());
  } finally {
    writer.abandon();
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
