import type { NewToken } from "../encode/added-tokens.js";
import { list, section } from "./section.js";
import { unsupported } from "./tokenizer-error.js";

/**
 * A token as tokenizer files describe it: its text, or an object with `content` and flags. A text is a special token.
 *
 * @param special  whether it is special if the object does not say so
 */
export function parseToken(value: unknown, where: string, special: boolean): NewToken {
  const token = typeof value === "string" ? { content: value, special: true } : section(value, where);
  const { content } = token;
  if (typeof content !== "string") throw unsupported(`${where}.content`, "text", content);
  const isSpecial = typeof token.special === "boolean" ? token.special : special;
  return {
    content,
    special: isSpecial,
    normalized: typeof token.normalized === "boolean" ? token.normalized : !isSpecial,
    lstrip: token.lstrip === true,
    rstrip: token.rstrip === true,
    singleWord: token.single_word === true,
  };
}

/** The tokens of a tokenizer.json that `parseAddedTokens` accepts, by the ids that are written there. */
export function writtenTokens(json: unknown, where: string): ReadonlyMap<number, NewToken> {
  const { added_tokens: value } = section(json, where);
  const ids = Array.isArray(value) ? value.map((token: { readonly id?: unknown }) => Number(token.id)) : [];
  return new Map(parseAddedTokens(value, where).map((token, i) => [ids[i], token]));
}

/** Parses `added_tokens` of a tokenizer.json. The ids that are written there do not count: `addTokens` gives them. */
export function parseAddedTokens(value: unknown, where: string): NewToken[] {
  if (value === undefined || value === null) return [];
  return list(value, where).map((item, i) => parseToken(item, `${where}[${i}]`, false));
}
