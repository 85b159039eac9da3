/** Text from tokens that come one at a time. A character is given out when its last byte is there. */
export interface TextStream {
  /** @throws StrataError for an id outside the vocabulary */
  push(id: number): string;
  /** What is left: U+FFFD for half a character, or nothing. */
  end(): string;
}
