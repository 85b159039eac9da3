/** The result of one item, as plain data: a line of samples.jsonl. `Fields` are those of the kind of task. */
export type Sample<Fields extends object = object> = {
  readonly task: string;
  /** Index of the document in its task. */
  readonly doc: number;
} & Fields;

export interface LossSample {
  /** Σ log p of the document's predicted tokens. */
  readonly logLikelihood: number;
  /** Number of predicted tokens. */
  readonly tokens: number;
  /** UTF-8 bytes of the predicted text. */
  readonly bytes: number;
}

export interface FileTaskSample {
  /** Of the first request; for the log-likelihood of a whole text, the text. */
  readonly prompt: string;
  readonly target: string;
  /** Of each request: the log-likelihood of a continuation or a text, or the answer. */
  readonly responses: readonly (number | string)[];
  /** Whether greedy decoding would produce each continuation; absent for other requests. */
  readonly greedy?: readonly boolean[];
  /** What each filter extracts from the answer; absent for log-likelihoods. */
  readonly filtered?: Readonly<Record<string, string>>;
  /** By metric; of a metric of whole texts, the log-likelihood and its weight: words or bytes. */
  readonly score: Readonly<Record<string, number | readonly [logLikelihood: number, weight: number]>>;
}
