import { unsupported } from "../format/tokenizer-error.js";
import { list, section } from "../format/section.js";

/** A token that text is searched for before anything else happens to it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Left out of decoded text on request, such as the mark of the end of a text. */
  readonly special: boolean;
  /** Whether it is searched for in the normalized text, after the others. */
  readonly normalized: boolean;
  /** Whether it takes the white space before it. */
  readonly lstrip: boolean;
  /** Whether it takes the white space after it. */
  readonly rstrip: boolean;
  /** Whether it must not touch a letter or digit. */
  readonly singleWord: boolean;
}

/** One that is found wherever it stands. */
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
