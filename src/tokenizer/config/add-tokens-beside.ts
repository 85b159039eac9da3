import { addTokens, plainToken, type AddedToken, type NewToken } from "../encode/added-tokens.js";
import type { TokenizerConfig } from "./tokenizer-config.js";

/**
 * Adds the tokens beside a vocabulary to those of its own file, as transformers does: first the listed ones, then named
 * ones, then the extra ones. Where flags differ, those of the files beside it count; a named token is special,
 * unless `added_tokens_decoder` leaves it out.
 *
 * @param own          the added tokens of the tokenizer's own file
 * @param vocabulary   without added tokens
 * @param writtenIds   the ids that the tokenizer's own file writes beside its added tokens
 * @param resetsFlags  whether named and extra tokens lose their flags
 */
export function addTokensBeside(
  own: readonly AddedToken[],
  { named, assumed, extra, listed, hasDecoder }: TokenizerConfig,
  vocabulary: ReadonlyMap<string, number>,
  writtenIds: ReadonlySet<number>,
  resetsFlags: boolean,
): readonly AddedToken[] {
  const namedTokens = [...named.values()].filter((token) => token !== null);
  const special = new Set(namedTokens.map(({ content }) => content));
  const ownByContent = new Map(own.map((token) => [token.content, token]));
  const changed = listed
    .filter(({ yieldsTo }) => yieldsTo === null || !writtenIds.has(yieldsTo))
    .map(({ token }) => token)
    .filter((token) => !isSame(token, ownByContent.get(token.content)));
  const known = new Set([...ownByContent.keys(), ...changed.map(({ content }) => content)]);
  const missing = [...namedTokens, ...extra].filter(({ content }) => !known.has(content));
  const tokens = [...(hasDecoder ? [] : own), ...changed, ...missing].map((token) =>
    special.has(token.content) ? { ...token, special: true } : token,
  );
  const plain = resetsFlags ? [...namedTokens, ...extra].map(({ content }) => plainToken(content, true)) : [];
  return addTokens(own, [...tokens, ...plain], vocabulary).filter(({ content }) => !assumed.has(content));
}

function isSame(token: NewToken, own: AddedToken | undefined): boolean {
  return own !== undefined && (Object.keys(token) as (keyof NewToken)[]).every((key) => token[key] === own[key]);
}
