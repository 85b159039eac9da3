import type { Tokenizer } from "../../src/tokenizer/tokenizer.js";

/** A token is a byte; 256 is BOS and 257 is EOS. */
export const bytes: Tokenizer = {
  vocabSize: 258,
  bosId: 256,
  eosIds: [257],
  prefix: [256],
  encode: (text) => [...Buffer.from(text)],
  append: (text, ids) => ids.append(Buffer.from(text)),
  decode: (ids, options) =>
    ids.map((id) => (id < 256 ? String.fromCharCode(id) : options?.skipSpecial ? "" : `<${id}>`)).join(""),
  startDecoding: () => ({ push: String.fromCharCode, end: () => "" }),
  isSpecial: (id) => id >= 256,
};
