import { i32s, string, strings, type Metadata } from "./metadata.js";
import { preTokenizerName } from "./pre-tokenizer.js";
import { listTokens, tokenTypes, type TokenList } from "./token-list.js";
import { unwritable, type TokenizerJson } from "./tokenizer-json.js";

/** Byte-level BPE: tokens in the characters of `bytesToUnicode`, merges, and the name of the pre-tokenizer. */
export function byteLevelTokens(file: TokenizerJson, vocabSize: number): { list: TokenList; metadata: Metadata } {
  for (const { type } of file.normalizers) {
    // llama.cpp does not apply NFC; the difference affects only texts with decomposed characters.
    if (type !== "NFC") throw unwritable(`${file.path} normalizer`, "none, or NFC", String(type));
  }
  const list = listTokens(file, vocabSize, () => tokenTypes.normal);
  return {
    list,
    metadata: [
      ["tokenizer.ggml.model", string("gpt2")],
      ["tokenizer.ggml.pre", string(preTokenizerName(file))],
      ["tokenizer.ggml.tokens", strings(list.texts)],
      ["tokenizer.ggml.token_type", i32s(list.types)],
      ["tokenizer.ggml.merges", strings(file.merges.map((merge) => merge.join(" ")))],
    ],
  };
}
