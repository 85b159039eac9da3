import { createAddedTokenSearch } from "./encode/added-token-search.js";
import { createEncoder } from "./encode/encoder.js";
import { readTokenizerFile } from "./format/read-tokenizer.js";
import { IdList } from "./encode/id-list.js";
import type { TextMarks } from "./special-tokens.js";
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
  /**
   * Added tokens that stand in the text as such are recognised. Lone surrogates become U+FFFD.
   *
   * @param options.around  whether to add what the file's template puts around a text, such as its begin
   */
  encode(text: string, options?: { readonly around?: boolean }): number[];
  /** Puts the ids of a text behind others, without what stands around it. */
  append(text: string, ids: IdList): void;
  /** Bytes that are not UTF-8 become U+FFFD. @throws StrataError for an id outside the vocabulary */
  decode(ids: readonly number[], options?: { readonly skipSpecial?: boolean }): string;
  /** The same for ids that come one at a time. */
  startDecoding(options?: { readonly skipSpecial?: boolean }): TextStream;
  isSpecial(id: number): boolean;
}

/**
 * @param path  a tokenizer's file, or a folder that holds one; tokenizer_config.json beside it names begin and end of text
 * @throws StrataError if it is of a kind that is not read
 */
export function openTokenizer(path: string): Tokenizer {
  const { file, marks } = readTokenizerFile(path);
  return createTokenizer(file, marks);
}

export function createTokenizer(file: TokenizerFile, marks: TextMarks): Tokenizer {
  const { normalize, around } = file;
  const addedTokens = file.addedTokens.map((token) =>
    token.normalized ? { ...token, content: normalize(token.content) } : token,
  );
  const texts = createTokenTexts(file.vocabulary, addedTokens);
  const specials = new Set(addedTokens.filter(({ special }) => special).map(({ id }) => id));
  const findRaw = createAddedTokenSearch(addedTokens.filter(({ normalized }) => !normalized));
  const findNormalized = createAddedTokenSearch(addedTokens.filter(({ normalized }) => normalized));
  const encodePlain = createEncoder(file);
  const encodeNormalized = (text: string, isStart: boolean, ids: IdList): void => {
    findNormalized(text).forEach((piece, i) => {
      if (typeof piece === "number") ids.push(piece);
      else encodePlain(piece, isStart && i === 0, ids);
    });
  };
  const tokenizer: Tokenizer = {
    vocabSize: texts.size,
    ...marks,
    encode(text, options) {
      const ids = new IdList();
      if (options?.around) ids.append(around.before);
      tokenizer.append(text, ids);
      if (options?.around) ids.append(around.after);
      return Array.from(ids.slice());
    },
    append(text, ids) {
      findRaw(text).forEach((piece, i) => {
        if (typeof piece === "number") ids.push(piece);
        else encodeNormalized(normalize(piece), i === 0, ids);
      });
    },
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
