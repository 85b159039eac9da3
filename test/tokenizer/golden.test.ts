import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parseTokenizerJson } from "../../src/tokenizer/format/tokenizer-json.js";
import {
  createTokenizer,
  openTokenizer,
  trainTokenizer,
  writeTokenizer,
  type TrainedTokenizer,
} from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";

/** Merges and ids of Hugging Face `tokenizers`; see make-golden.py. */
const golden = JSON.parse(readFileSync(new URL("golden.json", import.meta.url), "utf8")) as {
  corpus: string[];
  vocabulary_size: number;
  merges: [string, string][];
  all_merges: number;
  texts: string[];
  ids: number[][];
  ids_gpt2_kind: number[][];
};
const folder = temporaryFolder();
const path = join(folder, "tokenizer.json");
let trained: TrainedTokenizer;

const learn = (vocabSize: number) => trainTokenizer(golden.corpus, { vocabSize });
const spelled = ({ tokens, merges }: TrainedTokenizer) => merges.map(([left, right]) => [tokens[left], tokens[right]]);
/** The same vocabulary with GPT-2's pattern. */
const gpt2Kind = () => {
  const json = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  const preTokenizer = { type: "ByteLevel", add_prefix_space: false, use_regex: true };
  return createTokenizer(parseTokenizerJson({ ...json, pre_tokenizer: preTokenizer }, path), {
    bosId: null,
    eosIds: [],
  });
};

beforeAll(async () => {
  trained = await learn(golden.vocabulary_size);
  writeTokenizer(folder, trained);
});

describe("training on the same texts gives the same merges as Hugging Face tokenizers", () => {
  test("in the same order", () => {
    expect(golden.merges.length).toBe(golden.vocabulary_size - 258);
    expect(spelled(trained)).toEqual(golden.merges);
  });
  test("and the same number when no pair remains", async () => {
    const all = await learn(100_000);
    expect(all.merges.length).toBe(golden.all_merges);
    expect(spelled(all).slice(0, golden.merges.length)).toEqual(golden.merges);
  });
});

describe("a written tokenizer that is read back", () => {
  test.each([
    ["Llama 3's pattern", () => openTokenizer(path), golden.ids],
    ["GPT-2's pattern", gpt2Kind, golden.ids_gpt2_kind],
  ])("gives the ids of Hugging Face tokenizers with %s", (_, open, ids) => {
    const tokenizer = open();
    expect(golden.texts.length).toBeGreaterThan(10);
    for (const [i, text] of golden.texts.entries())
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids[i]);
  });
  test("decodes what it encodes, and gives the same ids however it is opened and on repeated calls", () => {
    const [ofFolder, ofFile, gpt2] = [openTokenizer(folder), openTokenizer(path), gpt2Kind()];
    for (const text of golden.texts) {
      expect(ofFolder.decode(ofFolder.encode(text))).toBe(text);
      expect(gpt2.decode(gpt2.encode(text))).toBe(text);
      expect(ofFile.encode(text)).toEqual(ofFolder.encode(text));
    }
  });
  test("has BOS and EOS, which text may contain", () => {
    const tokenizer = openTokenizer(folder);
    expect([tokenizer.bosId, tokenizer.eosIds, tokenizer.vocabSize]).toEqual([0, [1], golden.vocabulary_size]);
    const ids = tokenizer.encode("<|begin_of_text|>two<|end_of_text|>");
    expect([ids[0], ids.at(-1)]).toEqual([0, 1]);
    expect(tokenizer.decode(ids, { skipSpecial: true })).toBe("two");
  });
});
