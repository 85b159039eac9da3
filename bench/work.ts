/** The work of one process. Both sides get the same, except for the mode. */
import type { Window } from "#strata/model/config/window.js";
import type { TrainingSettings } from "#strata/train/settings.js";

export interface MatmulWork {
  readonly kind: "matmul";
  readonly size: number;
  readonly dtype: "f32" | "bf16" | "f16";
}

/** Multiply-adds in registers: the most that a GPU does in f32; Strata only. */
export interface RegistersWork {
  readonly kind: "registers";
}

export interface TrainingWork {
  readonly kind: "training";
  readonly folder: string;
  readonly window: Window;
  /** Whether there are weights outside the window. */
  readonly frozen: boolean;
  /** Trained weights, gradients and moments are on disk; Strata only. */
  readonly offload: boolean;
  readonly B: number;
  readonly T: number;
  /** [N] */
  readonly ids: readonly number[];
  readonly targets: readonly number[];
  readonly settings: TrainingSettings;
}

/** Context and continuation, as ids. */
export type ScoringRequest = readonly [context: readonly number[], continuation: readonly number[]];

export interface ScoringWork {
  readonly kind: "scoring";
  /** The same weights in f32 and in bf16. */
  readonly folder: string;
  readonly bf16Folder: string;
  readonly sequenceLength: number;
  readonly choicesPerItem: number;
  readonly requests: readonly ScoringRequest[];
}

export interface GenerationWork {
  readonly kind: "generation";
  readonly folder: string;
  readonly bf16Folder: string;
  readonly prompts: readonly (readonly number[])[];
  /** New tokens per prompt. */
  readonly count: number;
}

export interface TokenizingWork {
  readonly kind: "tokenizing";
  /** Folder of the tokenizer. */
  readonly tokenizer: string;
  /** File with one JSON list of documents per line. */
  readonly texts: string;
  readonly tokenizerThreads: number;
}

export interface MergesWork {
  readonly kind: "learning_merges";
  readonly texts: string;
  readonly vocabSize: number;
  readonly tokenizerThreads: number;
}

export type Work =
  | RegistersWork
  | MatmulWork
  | TrainingWork
  | ScoringWork
  | GenerationWork
  | TokenizingWork
  | MergesWork;

export type BenchDevice = "cpu" | "webgpu";

export type Assignment<W extends Work = Work> = W & {
  /** A precision, or an implementation with its precision. */
  readonly mode: string;
  readonly threads: number;
  /** Strata's device; the peer's is the processor, or CUDA beside `webgpu`. */
  readonly device: BenchDevice;
};

/** The first reply of a process, after warm-up. */
export interface Ready {
  /** Numbers on which both sides must agree: proof that they do the same work. */
  readonly proof: readonly number[];
}

/** The reply to a measurement. */
export interface Measured {
  /** Tokens, requests, bytes or floating-point operations. */
  readonly units: number;
  readonly seconds: number;
}
