/** A tokenized document, without BOS, as plain data. */
export interface EncodedText {
  readonly tokens: readonly number[];
  /** The ranges of tokens that are predicted, in order; `to` is exclusive. The other tokens are context. */
  readonly predicted: readonly (readonly [from: number, to: number])[];
}

export interface LossDocument extends EncodedText {
  /** UTF-8 bytes of the text that is predicted. */
  readonly bytes: number;
}
