import { unsupported } from "./tokenizer-error.js";

/** A token that text is searched for before anything else happens to it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Left out of decoded text on request, such as the mark of the end of a text. */
  readonly special: boolean;
  /** Whether it is searched for in the normalized text, after the others. */
  readonly normalized: boolean;
}

export function parseAddedTokens(value: unknown, where: string): AddedToken[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unsupported(where, "a list", value);
  return value.map((token: Record<string, unknown>, i) => {
    const { id, content } = token;
    for (const key of ["lstrip", "rstrip", "single_word"]) {
      if (token[key]) throw unsupported(`${where}[${i}].${key}`, "false", token[key]);
    }
    if (!Number.isInteger(id) || (id as number) < 0) throw unsupported(`${where}[${i}].id`, "an id", id);
    if (typeof content !== "string" || content === "") throw unsupported(`${where}[${i}].content`, "text", content);
    return { id: id as number, content, special: token.special === true, normalized: token.normalized === true };
  });
}

/** Cuts text at added tokens: the leftmost first, of those the longest. Gives plain text and ids in turn. */
export type AddedTokenSearch = (text: string) => (string | number)[];

export function createAddedTokenSearch(tokens: readonly AddedToken[]): AddedTokenSearch {
  if (tokens.length === 0) return (text) => [text];
  const ids = new Map(tokens.map(({ content, id }) => [content, id]));
  const longestFirst = [...ids.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "gu");
  return (text) => {
    const pieces: (string | number)[] = [];
    let end = 0;
    for (const { 0: content, index } of text.matchAll(pattern)) {
      if (index > end) pieces.push(text.slice(end, index));
      pieces.push(ids.get(content) as number);
      end = index + content.length;
    }
    if (end < text.length) pieces.push(text.slice(end));
    return pieces;
  };
}
