/** Incremental decoding. A character is returned once its last byte has been decoded. */
export interface TextStream {
  /** @throws StrataError for an id outside the vocabulary */
  push(id: number): string;
  /** The rest: U+FFFD for an incomplete character, or nothing. */
  end(): string;
}
