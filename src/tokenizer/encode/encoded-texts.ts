import { IdList } from "./id-list.js";
import type { Tokenizer } from "../tokenizer.js";

/** The concatenated ids of several texts. Their buffers can be transferred between threads without a copy. */
export interface EncodedTexts {
  readonly ids: Int32Array<ArrayBuffer>;
  /** The number of ids of each text. */
  readonly lengths: Int32Array<ArrayBuffer>;
}

export type EncodeTexts = (texts: readonly string[]) => EncodedTexts;

/** Collects the ids in one reused buffer; fresh arrays would pile up to 64 MB before they are garbage-collected. */
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

/** The ids of each text, as views. */
export function separateTexts({ ids, lengths }: EncodedTexts): Int32Array[] {
  let at = 0;
  return Array.from(lengths, (length) => ids.subarray(at, (at += length)));
}
