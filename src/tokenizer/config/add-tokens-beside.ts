import { addTokens, plainToken, type AddedToken, type NewToken } from "../encode/added-tokens.js";
import type { TokenizerConfig } from "./tokenizer-config.js";

/**
 * Extends the added tokens of a tokenizer file by those of the files beside it, in the order of transformers: listed,
 * named, extra tokens. If flags differ, the files beside it win; without `added_tokens_decoder`, the higher written id
 * wins. A named token is special, unless `added_tokens_decoder` omits it.
 *
 * @param own          the added tokens of the tokenizer's own file
 * @param vocabulary   without added tokens
 * @param written      the added tokens of a tokenizer.json by the ids that it writes
 * @param resetsFlags  whether named and extra tokens lose their flags
 */
export function addTokensBeside(
  own: readonly AddedToken[],
  { named, assumed, extra, listed, hasDecoder }: TokenizerConfig,
  vocabulary: ReadonlyMap<string, number>,
  written: ReadonlyMap<number, NewToken>,
  resetsFlags: boolean,
): readonly AddedToken[] {
  const listedByContent = new Map(listed.map(({ token }) => [token.content, token]));
  const namedTokens = [...named.values()]
    .filter((token) => token !== null)
    .map((token) => listedByContent.get(token.content) ?? token);
  const special = new Set(namedTokens.map(({ content }) => content));
  const beside = listed.map(({ id, token }) => [id, token] as const);
  const byId = [...new Map([...beside, ...(hasDecoder ? [] : written)])].sort(([a], [b]) => a - b);
  const tokensById = byId.map(([, token]) => token);
  const known = new Set([...own, ...tokensById].map(({ content }) => content));
  const missing = [...namedTokens, ...extra].filter(({ content }) => !known.has(content));
  const tokens = [...(hasDecoder ? [] : own), ...tokensById, ...missing].map((token) =>
    special.has(token.content) ? { ...token, special: true } : token,
  );
  const plain = resetsFlags ? [...namedTokens, ...extra].map(({ content }) => plainToken(content, true)) : [];
  return addTokens(own, [...tokens, ...plain], vocabulary).filter(({ content }) => !assumed.has(content));
}
