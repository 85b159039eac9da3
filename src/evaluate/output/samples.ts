/** The result of one item, as plain data: a line of samples.jsonl. `Fields` are those of the kind of task. */
export type Sample<Fields extends object = object> = {
  readonly task: string;
  /** Index of the document or item in its task. */
  readonly doc: number;
} & Fields;

export interface LossSample {
  /** Σ log p of the document's predicted tokens. */
  readonly logLikelihood: number;
  /** Number of predicted tokens. */
  readonly tokens: number;
}

export interface MultipleChoiceSample {
  readonly prompt: string;
  readonly target: number;
  /** Σ log p of each choice. */
  readonly response: readonly number[];
  /** Whether greedy decoding would produce each choice. */
  readonly greedy: readonly boolean[];
  /** Index of the chosen answer, by metric. */
  readonly filtered: Readonly<Record<string, number>>;
  readonly score: Readonly<Record<string, number>>;
}

export interface ExactMatchSample {
  readonly prompt: string;
  readonly target: string;
  readonly response: string;
  /** The answer that each filter extracts from the response. */
  readonly filtered: Readonly<Record<string, string>>;
  readonly score: Readonly<Record<string, number>>;
}
