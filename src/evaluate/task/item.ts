/** Items of tasks, as plain data. */

/** A tokenized document, without BOS. */
export interface EncodedText {
  readonly tokens: readonly number[];
  /** The ranges of tokens that are predicted, in order; `to` is exclusive. The other tokens are context. */
  readonly predicted: readonly (readonly [from: number, to: number])[];
}

export interface MultipleChoiceItem {
  readonly context: string;
  /** Each is scored as a continuation of the context, after one space that is not part of the choice. */
  readonly choices: readonly string[];
  /** Index of the correct choice. */
  readonly gold: number;
}

export interface ExactMatchItem {
  readonly prompt: string;
  /** The reference: a number, or a worked solution that ends in `#### number`. */
  readonly answer: string;
}
