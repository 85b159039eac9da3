import type { Tokenizer } from "./tokenizer.js";

/** The ids of several texts, one after another: a form that goes from thread to thread without being copied. */
export interface EncodedTexts {
  readonly ids: Int32Array<ArrayBuffer>;
  /** By text: how many of the ids are its own. */
  readonly lengths: Int32Array<ArrayBuffer>;
}

export function encodeTexts(tokenizer: Tokenizer, texts: readonly string[]): EncodedTexts {
  const byText = texts.map((text) => tokenizer.encode(text));
  const lengths = Int32Array.from(byText, ({ length }) => length);
  const ids = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const own of byText) {
    ids.set(own, at);
    at += own.length;
  }
  return { ids, lengths };
}

/** Views of the ids of each text. */
export function separateTexts({ ids, lengths }: EncodedTexts): Int32Array[] {
  let at = 0;
  return Array.from(lengths, (length) => ids.subarray(at, (at += length)));
}
