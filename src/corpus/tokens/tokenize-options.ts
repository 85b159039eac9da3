import type { SkippedRecords } from "../records/bad-records.js";
import type { DocumentHash } from "../documents/split.js";
import type { TokenManifest } from "./token-manifest.js";
import type { EncodeContents } from "./encode-documents.js";
import type { ReadingState } from "../records/reading-state.js";
import type { TrainingData, TrainingStream } from "../documents/training-documents.js";

export interface TokenizeOptions {
  /** Opens the documents from where reading stood; `known` gives the hashes of those before. */
  readonly open: (from: ReadingState, known: () => Iterable<DocumentHash>) => TrainingStream;
  readonly data: Pick<TrainingData, "holdOut" | "duplicates" | "limit">;
  /** `completions`: of a document, only what its encoding says to be an answer is to be predicted. */
  readonly lossOn: "all" | "completions";
  readonly vocabSize: number;
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
