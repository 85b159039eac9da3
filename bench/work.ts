/** What one process is told to do; both sides get the same, save the mode. */
import type { Window } from "#strata/model/config/window.js";
import type { TrainingSettings } from "#strata/train/settings.js";

export interface MatmulWork {
  readonly kind: "matmul";
  readonly size: number;
  readonly dtype: "f32" | "bf16";
}

export interface TrainingWork {
  readonly kind: "training";
  readonly folder: string;
  readonly window: Window;
  /** Weights outside the window exist. */
  readonly frozen: boolean;
  /** Trained weights, gradients and moments lie on disk; a way of ours only. */
  readonly offload: boolean;
  readonly B: number;
  readonly T: number;
  /** [N] */
  readonly ids: readonly number[];
  readonly targets: readonly number[];
  readonly settings: TrainingSettings;
}

/** Context and ending of a choice, as ids. */
export type ScoringRequest = readonly [context: readonly number[], ending: readonly number[]];

export interface ScoringWork {
  readonly kind: "scoring";
  /** The same weights in two element types. */
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
  /** New tokens of each prompt. */
  readonly count: number;
}

export interface TokenizingWork {
  readonly kind: "tokenizing";
  /** A folder. */
  readonly tokenizer: string;
  /** A file of which each line is a JSON list of documents. */
  readonly texts: string;
  readonly tokenizerThreads: number;
}

export interface MergesWork {
  readonly kind: "learning_merges";
  readonly texts: string;
  readonly vocabSize: number;
  readonly tokenizerThreads: number;
}

export type Work = MatmulWork | TrainingWork | ScoringWork | GenerationWork | TokenizingWork | MergesWork;

export type Assignment<W extends Work = Work> = W & {
  /** How this side does it: a precision, an implementation. */
  readonly mode: string;
  readonly threads: number;
};

/** The first reply of a process, which is warm then. */
export interface Ready {
  /** Numbers that both sides must agree on: proof that they do the same work. */
  readonly proof: readonly number[];
}

/** The reply to a command to measure. */
export interface Measured {
  /** Tokens, requests or floating-point operations. */
  readonly units: number;
  readonly seconds: number;
}
