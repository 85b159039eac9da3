import { addTokens, type AddedToken, type NewToken } from "../encode/added-tokens.js";
import type { TokenizerConfig } from "./tokenizer-config.js";

/**
 * Adds the tokens beside a vocabulary to those of its own file, as transformers does: first the listed ones, then named
 * ones, then the extra ones. Where flags differ, those of the files beside it count.
 *
 * @param own  the added tokens of the tokenizer's own file
 */
export function addTokensBeside(
  own: readonly AddedToken[],
  { named, extra, listed }: TokenizerConfig,
  vocabulary: ReadonlyMap<string, number>,
): readonly AddedToken[] {
  const namedTokens = [...named.values()].filter((token) => token !== null);
  const namedContents = new Set(namedTokens.map(({ content }) => content));
  const ownByContent = new Map(own.map((token) => [token.content, token]));
  const changed = listed.filter((token) => !isSame(token, ownByContent.get(token.content)));
  const known = new Set([...ownByContent.keys(), ...changed.map(({ content }) => content)]);
  const missing = [...namedTokens, ...extra].filter(({ content }) => !known.has(content));
  const tokens = [...changed, ...missing].map((token) =>
    namedContents.has(token.content) ? { ...token, special: true } : token,
  );
  return addTokens(own, tokens, vocabulary);
}

function isSame(token: NewToken, own: AddedToken | undefined): boolean {
  return own !== undefined && (Object.keys(token) as (keyof NewToken)[]).every((key) => token[key] === own[key]);
}
