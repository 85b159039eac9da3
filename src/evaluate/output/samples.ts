/** What one item of a task gave, as plain data: a line of samples.jsonl. `Fields` are those of the kind of task. */
export type Sample<Fields extends object = object> = {
  readonly task: string;
  /** Index of the document or item in its task. */
  readonly doc: number;
} & Fields;

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
