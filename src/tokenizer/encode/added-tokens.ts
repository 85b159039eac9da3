/** An added token: text is searched for it before the pre-tokenizer and the model run. */
export interface AddedToken extends TokenFlags {
  readonly id: number;
  readonly content: string;
}

export interface TokenFlags {
  /** A special token, such as EOS: `skipSpecial` leaves it out of decoded text. */
  readonly special: boolean;
  /** Whether it is searched for in the normalized text, after the others were found in the raw text. */
  readonly normalized: boolean;
  /** Whether it absorbs the white space before it. */
  readonly lstrip: boolean;
  /** Whether it absorbs the white space after it. */
  readonly rstrip: boolean;
  /** Whether it matches only where no word character (Rust's `\w`) is next to it. */
  readonly singleWord: boolean;
}

/** A token that has no id yet. */
export type NewToken = Omit<AddedToken, "id">;

/** An added token without conditions, found in the raw text. */
export function plainToken(content: string, special: boolean): NewToken {
  return { content, special, normalized: false, lstrip: false, rstrip: false, singleWord: false };
}

/**
 * Adds tokens as `tokenizers` does: a content that is known keeps its id and gets the new flags, but remains special;
 * each other gets the next free id, in order. Empty contents are left out.
 *
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/tokenizer/added_vocabulary.rs
 */
export function addTokens(
  known: readonly AddedToken[],
  tokens: readonly NewToken[],
  vocabulary: ReadonlyMap<string, number>,
): readonly AddedToken[] {
  const added = new Map(known.map((token) => [token.content, token]));
  let next = known.reduce((free, { id }) => Math.max(free, id + 1), vocabulary.size);
  for (const token of tokens) {
    if (token.content === "") continue;
    const before = added.get(token.content);
    const id = before?.id ?? vocabulary.get(token.content) ?? next++;
    added.set(token.content, { ...token, id, special: token.special || before?.special === true });
  }
  return [...added.values()];
}
