import { StrataError } from "../../errors/strata-error.js";
import type { AddedToken } from "../../tokenizer/encode/added-tokens.js";
import type { TokenizerJson } from "./tokenizer-json.js";

/** Kinds of tokens (llama_token_type). */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface TokenList {
  /** By id. */
  readonly texts: readonly string[];
  readonly types: readonly number[];
}

/**
 * Tokens by id; a row of the embedding that no token uses gets a name of its own, as in llama.cpp's converter.
 *
 * @param typeOf  of a token that is not an added one
 * @throws StrataError if there are more tokens than rows
 */
export function listTokens(file: TokenizerJson, vocabSize: number, typeOf: (token: string) => number): TokenList {
  const texts = Array.from({ length: vocabSize }, (_, id) => `[PAD${id}]`);
  const types = texts.map((): number => tokenTypes.unused);
  const put = (id: number, text: string, type: number) => {
    if (id >= vocabSize) throw tooMany(file.path, id, text, vocabSize);
    texts[id] = text;
    types[id] = type;
  };
  for (const [token, id] of file.vocabulary) put(id, token, typeOf(token));
  for (const token of file.addedTokens) {
    const type = file.byteFallback && token.content === file.unknownToken ? tokenTypes.unknown : addedType(token);
    // llama.cpp looks for these in text as it is written.
    put(token.id, type === tokenTypes.userDefined ? token.content.replaceAll("▁", " ") : token.content, type);
  }
  return { texts, types };
}

/** Control tokens are never read from text, and not shown. Some files do not mark `<|…|>` as special. */
function addedType({ content, special }: AddedToken): number {
  return special || /^<\|.*\|>$/s.test(content) ? tokenTypes.control : tokenTypes.userDefined;
}

function tooMany(where: string, id: number, token: string, vocabSize: number): StrataError {
  return new StrataError("TokenizerError", {
    where,
    expected: `ids below ${vocabSize}, the model's vocab_size`,
    got: `${id} (${JSON.stringify(token)})`,
    hint: "The tokenizer is of another model: copy both from the same one.",
  });
}
