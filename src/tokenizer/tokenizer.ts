import { createAddedTokenSearch } from "./encode/added-token-search.js";
import type { AddedToken } from "./encode/added-tokens.js";
import { createEncoder } from "./encode/encoder.js";
import { readTokenizerFile } from "./format/read-tokenizer.js";
import { IdList } from "./encode/id-list.js";
import type { BosEosIds } from "./special-tokens.js";
import type { TextStream } from "./decode/text-stream.js";
import { createTokenTexts } from "./decode/token-texts.js";
import type { TokenizerFile } from "./format/tokenizer-file.js";

export type { TextStream } from "./decode/text-stream.js";
export { trainTokenizer, type TrainedTokenizer } from "./train/train-tokenizer.js";
export { writeTokenizer } from "./format/write-tokenizer.js";

export interface Tokenizer {
  /** The highest id + 1. */
  readonly vocabSize: number;
  readonly bosId: number | null;
  readonly eosIds: readonly number[];
  /** The ids that encoding puts in front of a text, such as BOS; often none, even if there is a BOS token. */
  readonly prefix: readonly number[];
  /**
   * Recognizes added tokens in the text, special tokens included. Lone surrogates become U+FFFD.
   *
   * @param options.addSpecialTokens  whether to add those of the post-processor, such as BOS; off by default
   */
  encode(text: string, options?: { readonly addSpecialTokens?: boolean }): number[];
  /** Appends the ids of a text to `ids`, without special tokens of the post-processor. */
  append(text: string, ids: IdList): void;
  /** Invalid UTF-8 becomes U+FFFD. @throws StrataError for an id outside the vocabulary */
  decode(ids: readonly number[], options?: { readonly skipSpecial?: boolean }): string;
  /** Decodes incrementally, one id at a time. */
  startDecoding(options?: { readonly skipSpecial?: boolean }): TextStream;
  isSpecial(id: number): boolean;
}

/**
 * Reads a tokenizer, and its BOS and EOS from tokenizer_config.json in the same folder.
 *
 * @param path  a tokenizer file, or a folder that contains one
 * @throws StrataError if the tokenizer is not supported
 */
export function openTokenizer(path: string): Tokenizer {
  const { file, bosEos } = readTokenizerFile(path);
  return createTokenizer(file, bosEos);
}

export function createTokenizer(file: TokenizerFile, bosEos: BosEosIds): Tokenizer {
  const { normalize, specialTokens } = file;
  const addedTokens = file.addedTokens.map((token) =>
    token.normalized ? { ...token, content: normalize(token.content) } : token,
  );
  const append = createAppend(file, addedTokens);
  const texts = createTokenTexts(file.vocabulary, addedTokens);
  const specials = new Set(addedTokens.filter(({ special }) => special).map(({ id }) => id));
  const tokenizer: Tokenizer = {
    vocabSize: texts.size,
    ...bosEos,
    prefix: specialTokens.before,
    encode(text, options) {
      const ids = new IdList();
      if (options?.addSpecialTokens) ids.append(specialTokens.before);
      append(text, ids);
      if (options?.addSpecialTokens) ids.append(specialTokens.after);
      return Array.from(ids.slice());
    },
    append,
    decode(ids, options) {
      const stream = tokenizer.startDecoding(options);
      return ids.map((id) => stream.push(id)).join("") + stream.end();
    },
    startDecoding({ skipSpecial = false } = {}) {
      const decoder = file.decoder();
      return {
        push: (id) => (skipSpecial && specials.has(id) ? "" : decoder.push(texts.of(id))),
        end: () => decoder.end(),
      };
    },
    isSpecial: (id) => specials.has(id),
  };
  return tokenizer;
}

/** @param addedTokens  those of `file`; their `content` is normalized if they are searched for in normalized text */
function createAppend(file: TokenizerFile, addedTokens: readonly AddedToken[]): Tokenizer["append"] {
  const findRaw = createAddedTokenSearch(addedTokens.filter(({ normalized }) => !normalized));
  const findNormalized = createAddedTokenSearch(addedTokens.filter(({ normalized }) => normalized));
  const encodePlain = createEncoder(file);
  const appendNormalized = (text: string, isStart: boolean, ids: IdList): void => {
    findNormalized(text).forEach((piece, i) => {
      if (typeof piece === "number") ids.push(piece);
      else encodePlain(piece, isStart && i === 0, ids);
    });
  };
  return (text, ids) => {
    findRaw(text).forEach((piece, i) => {
      if (typeof piece === "number") ids.push(piece);
      else appendNormalized(file.normalize(piece), i === 0, ids);
    });
  };
}
