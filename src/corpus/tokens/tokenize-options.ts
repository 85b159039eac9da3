import type { SkippedRecords } from "../records/bad-records.js";
import type { DocumentHash } from "../documents/split.js";
import type { TokenManifest } from "./token-manifest.js";
import type { EncodeContents } from "./encode-documents.js";
import type { ReadingState } from "../records/reading-state.js";
import type { TrainingData, TrainingStream } from "../documents/training-documents.js";

export interface TokenizeOptions {
  /** Opens the documents after a reading state; `known` returns the hashes of the earlier documents. */
  readonly open: (from: ReadingState, known: () => Iterable<DocumentHash>) => TrainingStream;
  readonly data: Pick<TrainingData, "holdOut" | "duplicates" | "limit">;
  /** `completions`: only the tokens that `encode` marks as completion are predicted. */
  readonly lossOn: "all" | "completions";
  readonly vocabSize: number;
  readonly encode: EncodeContents;
  /** Concurrent calls of `encode`. */
  readonly callsAtOnce: number;
  /** An existing folder. */
  readonly folder: string;
  /** A segment of the output ends with the batch in which it reaches this many tokens. */
  readonly segmentTokens?: number;
  readonly signal?: AbortSignal;
  /** Called after every batch. */
  readonly onProgress?: (progress: TokenizeProgress) => void;
  /** Receives what the user should know. */
  readonly onNote?: (note: string) => void;
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
