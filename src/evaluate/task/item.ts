/** What tasks score, as plain data. */

/** A document as ids without begin of text. */
export interface EncodedText {
  readonly tokens: readonly number[];
  /** What of it is predicted: runs of tokens from … to before …, in order. The others are context. */
  readonly predicted: readonly (readonly [from: number, to: number])[];
}

export interface MultipleChoiceItem {
  readonly context: string;
  /** Each is scored as a continuation of the context after one space, which is not part of the text here. */
  readonly choices: readonly string[];
  /** Index of the right choice. */
  readonly gold: number;
}

export interface ExactMatchItem {
  readonly prompt: string;
  /** The reference: a number, or a worked answer that ends in `#### number`. */
  readonly answer: string;
}
