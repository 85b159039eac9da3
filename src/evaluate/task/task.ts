import type { Metric } from "../output/scores.js";
import { StrataError } from "../../errors/strata-error.js";
import type { ExactMatchItem, MultipleChoiceItem } from "./items.js";

/** A document as ids without begin of text. */
export interface EncodedText {
  readonly tokens: readonly number[];
  /** What of it is predicted: runs of tokens from … to before …, in order. The others are context. */
  readonly predicted: readonly (readonly [from: number, to: number])[];
}

export interface LossTask {
  readonly name: string;
  readonly kind: "loss";
  readonly documents: readonly EncodedText[];
}

export interface MultipleChoiceTask {
  readonly name: string;
  readonly kind: "multiple-choice";
  readonly items: readonly MultipleChoiceItem[];
}

export interface ExactMatchTask {
  readonly name: string;
  readonly kind: "exact-match";
  readonly items: readonly ExactMatchItem[];
  readonly maximumTokens: number;
}

export type EvaluationTask = LossTask | MultipleChoiceTask | ExactMatchTask;

/** What one item of a task gave, as plain data: a line of samples.jsonl. */
export type Sample = {
  readonly task: string;
  /** Index of the document or item in its task. */
  readonly doc: number;
} & (LossSample | MultipleChoiceSample | ExactMatchSample);

export interface LossSample {
  /** Σ log p over what is predicted of the document. */
  readonly logLikelihood: number;
  /** Predicted tokens. */
  readonly tokens: number;
}

export interface MultipleChoiceSample {
  readonly prompt: string;
  readonly target: number;
  /** Σ log p of each choice. */
  readonly response: readonly number[];
  /** Whether each choice is what greedy decoding would give. */
  readonly greedy: readonly boolean[];
  /** The choice that is taken. */
  readonly filtered: Readonly<Record<string, number>>;
  readonly score: Readonly<Record<string, number>>;
}

export interface ExactMatchSample {
  readonly prompt: string;
  readonly target: string;
  readonly response: string;
  /** The answer that each filter takes from the response. */
  readonly filtered: Readonly<Record<string, string>>;
  readonly score: Readonly<Record<string, number>>;
}

/** What the evaluation of one task gives. */
export interface TaskResult {
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly samples: readonly Sample[];
}

/** Counts finished items. */
export type Progress = (done: number, total: number) => void;

/** @throws StrataError if there is nothing to score */
export function requireItems(task: string, count: number, what: string): void {
  if (count > 0) return;
  throw new StrataError("EvaluationError", {
    where: `task ${task}`,
    expected: `at least one ${what}`,
    got: "none",
    hint: "Check the data and the split of this task.",
  });
}
