import { StrataError } from "../../errors/strata-error.js";
import type { AddedToken } from "../../tokenizer/encode/added-tokens.js";
import type { TokenizerJson } from "./tokenizer-json.js";

/** Token types (llama_token_type). */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface TokenList {
  /** By id, like `types`. */
  readonly texts: readonly string[];
  readonly types: readonly number[];
}

/**
 * Lists the tokens by id. As in llama.cpp's converter, embedding rows without a token are named `[PAD…]`.
 *
 * @param typeOf  the type of a token that is not an added token
 * @throws StrataError for an id outside the embedding
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
    // llama.cpp searches the raw text for these.
    put(token.id, type === tokenTypes.userDefined ? token.content.replaceAll("▁", " ") : token.content, type);
  }
  return { texts, types };
}

/** Control tokens are neither parsed from text nor printed. Some files do not mark `<|…|>` as special. */
function addedType({ content, special }: AddedToken): number {
  return special || /^<\|.*\|>$/s.test(content) ? tokenTypes.control : tokenTypes.userDefined;
}

function tooMany(where: string, id: number, token: string, vocabSize: number): StrataError {
  return new StrataError("TokenizerError", {
    where,
    expected: `ids below ${vocabSize}, the model's vocab_size`,
    got: `${id} (${JSON.stringify(token)})`,
    hint: "The tokenizer belongs to another model: copy the model and the tokenizer from the same folder.",
  });
}
