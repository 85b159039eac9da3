import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { createAddedTokenSearch } from "./added-tokens.js";
import { createEncoder } from "./encoder.js";
import { readJson, readTextMarks, type TextMarks } from "./special-tokens.js";
import { bytesOf, listTokenBytes } from "./token-bytes.js";
import { parseTokenizerFile, type TokenizerFile } from "./tokenizer-file.js";

export { trainTokenizer, type TrainedTokenizer } from "./train-tokenizer.js";
export { writeTokenizer } from "./write-tokenizer.js";

/** Byte-level BPE. */
export interface Tokenizer {
  /** The highest id + 1. */
  readonly vocabularySize: number;
  readonly bosId: number | null;
  readonly eosIds: readonly number[];
  /** Adds no begin or end of text; added tokens that stand in the text as such are recognised. Lone surrogates become U+FFFD. */
  encode(text: string): number[];
  /** Bytes that are not UTF-8 become U+FFFD. @throws StrataError for an id outside the vocabulary */
  decode(ids: readonly number[], options?: { readonly skipSpecial?: boolean }): string;
  isSpecial(id: number): boolean;
  /** The bytes that a token stands for; they may be part of a character. */
  bytes(id: number): Uint8Array;
}

/**
 * @param path  a tokenizer.json, or a folder that holds one; tokenizer_config.json beside it names begin and end of text
 * @throws StrataError if it is not byte-level BPE of the kind of GPT-2 or Llama 3
 */
export function openTokenizer(path: string): Tokenizer {
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const file = isFolder ? join(path, "tokenizer.json") : path;
  const parsed = parseTokenizerFile(readJson(file), file);
  const added = new Map(parsed.addedTokens.map(({ content, id }) => [content, id]));
  const marks = readTextMarks(dirname(file), (token) => added.get(token) ?? parsed.vocabulary.get(token));
  return createTokenizer(parsed, marks);
}

export function createTokenizer(file: TokenizerFile, marks: TextMarks): Tokenizer {
  const { addedTokens, normalForm } = file;
  const tokenBytes = listTokenBytes(file.vocabulary, addedTokens);
  const specials = new Set(addedTokens.filter(({ special }) => special).map(({ id }) => id));
  const findRaw = createAddedTokenSearch(addedTokens.filter(({ normalized }) => !normalized));
  const findNormalized = createAddedTokenSearch(addedTokens.filter(({ normalized }) => normalized));
  const encodePlain = createEncoder(file);
  return {
    vocabularySize: tokenBytes.starts.length - 1,
    ...marks,
    encode(text) {
      const ids: number[] = [];
      for (const raw of findRaw(text)) {
        if (typeof raw === "number") ids.push(raw);
        else {
          for (const piece of findNormalized(normalForm ? raw.normalize("NFC") : raw)) {
            if (typeof piece === "number") ids.push(piece);
            else encodePlain(piece, ids);
          }
        }
      }
      return ids;
    },
    decode(ids, { skipSpecial = false } = {}) {
      const kept = skipSpecial ? ids.filter((id) => !specials.has(id)) : ids;
      return Buffer.concat(kept.map((id) => bytesOf(id, tokenBytes))).toString("utf8");
    },
    isSpecial: (id) => specials.has(id),
    bytes: (id) => bytesOf(id, tokenBytes),
  };
}
