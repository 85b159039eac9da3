import { IdList } from "./id-list.js";
import type { Tokenizer } from "../tokenizer.js";

/** The ids of several texts, one after another: a form that goes from thread to thread without being copied. */
export interface EncodedTexts {
  readonly ids: Int32Array<ArrayBuffer>;
  /** By text: how many of the ids are its own. */
  readonly lengths: Int32Array<ArrayBuffer>;
}

export type EncodeTexts = (texts: readonly string[]) => EncodedTexts;

/** Puts the ids together in memory that is kept for the next texts: what is made anew each time lies about until 64 MB of it are collected. */
export function createTextEncoder(tokenizer: Pick<Tokenizer, "append">): EncodeTexts {
  const ids = new IdList();
  return (texts) => {
    ids.clear();
    const lengths = new Int32Array(texts.length);
    for (const [i, text] of texts.entries()) {
      const before = ids.length;
      tokenizer.append(text, ids);
      lengths[i] = ids.length - before;
    }
    return { ids: ids.slice(), lengths };
  };
}

/** Views of the ids of each text. */
export function separateTexts({ ids, lengths }: EncodedTexts): Int32Array[] {
  let at = 0;
  return Array.from(lengths, (length) => ids.subarray(at, (at += length)));
}
