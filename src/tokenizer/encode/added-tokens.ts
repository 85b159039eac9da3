import { unsupported } from "../format/tokenizer-error.js";
import { list, section } from "../format/section.js";

/** An added token: text is searched for it before the pre-tokenizer and the model run. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
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

/** An added token without conditions, found in the raw text. */
export function plainToken(id: number, content: string, special: boolean): AddedToken {
  return { id, content, special, normalized: false, lstrip: false, rstrip: false, singleWord: false };
}

export function parseAddedTokens(value: unknown, where: string): AddedToken[] {
  if (value === undefined || value === null) return [];
  return list(value, where).map((item, i) => {
    const token = section(item, `${where}[${i}]`);
    const { id, content } = token;
    if (!Number.isInteger(id) || (id as number) < 0) throw unsupported(`${where}[${i}].id`, "an id", id);
    if (typeof content !== "string" || content === "") throw unsupported(`${where}[${i}].content`, "text", content);
    return {
      id: id as number,
      content,
      special: token.special === true,
      normalized: token.normalized === true,
      lstrip: token.lstrip === true,
      rstrip: token.rstrip === true,
      singleWord: token.single_word === true,
    };
  });
}
