import type { AddedToken } from "./added-tokens.js";
import { escapeText } from "../format/pattern.js";

/** Splits text at added tokens, leftmost-longest. Returns the plain text between them and their ids, in order. */
export type AddedTokenSearch = (text: string) => readonly (string | number)[];

/** Rust's `\w`. */
const word = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]";
const wordAtEnd = new RegExp(`${word}$`, "u");
const wordAtStart = new RegExp(`^${word}`, "u");

/**
 * A token that the normalizer empties is never found, but as in `tokenizers` its empty content splits the other text
 * into characters.
 *
 * @param tokens  their `content` is normalized if the searched text is
 */
export function createAddedTokenSearch(tokens: readonly AddedToken[]): AddedTokenSearch {
  if (tokens.length === 0) return (text) => [text];
  const byContent = new Map(tokens.map((token) => [token.content, token]));
  const longestFirst = [...byContent.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapeText).join("|"), "gu");
  return (text) => {
    const pieces: (string | number)[] = [];
    let end = 0;
    for (const { 0: content, index } of text.matchAll(pattern)) {
      const token = byContent.get(content) as AddedToken;
      const after = index + content.length;
      if (token.singleWord && touchesWord(text, index, after)) continue;
      const start = token.lstrip ? Math.max(end, trimmedEnd(text, index)) : index;
      if (start > end) pieces.push(text.slice(end, start));
      end = token.rstrip ? skipSpace(text, after) : after;
      if (end > start) pieces.push(token.id);
    }
    if (end < text.length) pieces.push(text.slice(end));
    return pieces;
  };
}

function touchesWord(text: string, start: number, end: number): boolean {
  // The neighboring character has at most two UTF-16 units.
  return wordAtEnd.test(text.slice(Math.max(0, start - 2), start)) || wordAtStart.test(text.slice(end, end + 2));
}

const space = /\p{White_Space}/u;

function trimmedEnd(text: string, end: number): number {
  let at = end;
  while (at > 0 && space.test(text[at - 1])) at--;
  return at;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && space.test(text[at])) at++;
  return at;
}
