import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";

// Tokenizers of published models are too large for the repository. If available, they are in a folder beside it.
const shared = join(import.meta.dirname, "../../../shared/data/tokenizers");
const file = (name: string) => join(shared, name);
const present = existsSync(file("vectors"));
const reason = present ? "" : ` (skipped: no ${shared})`;

/** llama.cpp's test vectors: texts with a separator between them, and a line of ids for each. */
function vectors(name: string): { text: string; ids: number[] }[] {
  const texts = readFileSync(file(`vectors/${name}.inp`), "utf8").split("\n__ggml_vocab_test__\n");
  const lines = readFileSync(file(`vectors/${name}.out`), "utf8").split("\n");
  return texts.map((text, i) => ({
    text,
    ids: lines[i]
      .split(" ")
      .filter((id) => id !== "")
      .map(Number),
  }));
}

describe.skipIf(!present)(`tokenizers of published models${reason}`, () => {
  test.each([
    ["GPT-2's encoder.json and vocab.bpe", "gpt2", "gpt-2"],
    ["Llama 3's tokenizer.model", "llama3", "llama-bpe"],
    ["Llama 2's tokenizer.json", "llama2", "llama-spm"],
  ])("%s gives llama.cpp's ids, and decodes them to the text", (_, name, vector) => {
    const tokenizer = openTokenizer(file(name));
    const cases = vectors(vector);
    expect(cases.length).toBeGreaterThan(40);
    for (const { text, ids } of cases) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(text);
    }
  });
  test.each(["dolma2", "tinystories"])("%s decodes what it encodes, also incrementally", (name) => {
    const tokenizer = openTokenizer(file(name));
    for (const { text: given } of vectors("gpt-2")) {
      const text = `x${given}`; // one of them drops a leading space
      const ids = tokenizer.encode(text);
      const stream = tokenizer.startDecoding();
      expect(tokenizer.decode(ids)).toBe(text);
      expect(ids.map((id) => stream.push(id)).join("") + stream.end()).toBe(text);
    }
  });
  test("Llama 3's special tokens follow the 128,000 of its file", () => {
    const tokenizer = openTokenizer(file("llama3"));
    const text = "<|begin_of_text|><|start_header_id|>user<|end_header_id|><|eot_id|><|reserved_special_token_247|>";
    expect([tokenizer.vocabSize, tokenizer.bosId, tokenizer.eosIds]).toEqual([128256, 128000, [128001]]);
    expect(tokenizer.encode(text)).toEqual([128000, 128006, 882, 128007, 128009, 128255]);
    expect(tokenizer.encode("two", { addSpecialTokens: true })).toEqual([128000, 20375]);
    expect(tokenizer.decode(tokenizer.encode(text), { skipSpecial: true })).toBe("user");
  });
});
