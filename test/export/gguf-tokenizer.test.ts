import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tokenizerMetadata } from "../../src/convert/gguf/tokenizer-metadata.js";
import type { BosChoice } from "../../src/tokenizer/bos.js";
import { gpt2Pattern, llama3Pattern } from "../../src/tokenizer/format/split-pattern.js";
import { picoConfig } from "../model/pico.js";
import { temporaryFolder } from "../temporary-folder.js";

const hint =
  "  Strata exports the byte-level BPE of Llama 3, GPT-2, Qwen2 and SmolLM and the BPE of Llama 2 to GGUF. " +
  "Use llama.cpp's own converter if it supports this tokenizer, or save it in transformers, which writes a " +
  "tokenizer.json.";

/** The tokenizer's metadata in a GGUF file. */
function metadataOf(
  tokenizer: object,
  vocabSize: number,
  others: Readonly<Record<string, object>> = {},
  bos: BosChoice = "auto",
) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  for (const [name, content] of Object.entries(others)) writeFileSync(join(folder, name), JSON.stringify(content));
  const config = { ...picoConfig, vocabSize, bosId: null, eosIds: [] };
  const metadata = () =>
    Object.fromEntries(tokenizerMetadata(folder, config, bos).map(([key, { value }]) => [key, value]));
  return { metadata, path: join(folder, "tokenizer.json") };
}

const split = (Regex: string) => ({ type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false });
const byteLevelStep = (use_regex: boolean) => ({ type: "ByteLevel", add_prefix_space: false, use_regex });
const sequence = (...pretokenizers: object[]) => ({ type: "Sequence", pretokenizers });
const byteLevel = (pre_tokenizer: object, more: object = {}) => ({
  model: { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: ["a b"], ...more },
  pre_tokenizer,
});

describe("byte-level BPE", () => {
  test.each([
    ["llama-bpe", sequence(split(llama3Pattern), byteLevelStep(false)), { ignore_merges: true }],
    ["dbrx", sequence(split(llama3Pattern), byteLevelStep(false)), {}],
    ["dbrx", sequence({ ...split(llama3Pattern), behavior: "Removed", invert: true }, byteLevelStep(false)), {}],
    ["qwen2", sequence(split(llama3Pattern.replace("{1,3}", "")), byteLevelStep(false)), {}],
    ["gpt-2", byteLevelStep(true), {}],
    ["smollm", sequence({ type: "Digits", individual_digits: true }, byteLevelStep(true)), {}],
  ])("with the pre-tokenizer of %s gets this name", (name, preTokenizer, more) => {
    expect(metadataOf(byteLevel(preTokenizer, more), 3).metadata()).toMatchObject({
      "tokenizer.ggml.model": "gpt2",
      "tokenizer.ggml.pre": name,
      "tokenizer.ggml.merges": ["a b"],
    });
  });
  test.each([
    [
      byteLevel(sequence(split("\\p{L}+"), byteLevelStep(false))),
      "pre_tokenizer — expected a pre-tokenizer that llama.cpp supports: dbrx, gpt-2, qwen2, smollm, got \\p{L}+.",
    ],
    [
      byteLevel(byteLevelStep(true), { ignore_merges: true }),
      `pre_tokenizer — expected a pre-tokenizer that llama.cpp supports: llama-bpe, got ${gpt2Pattern}.`,
    ],
    [
      byteLevel({ type: "ByteLevel", add_prefix_space: true }),
      "pre_tokenizer — expected a pre-tokenizer that llama.cpp supports: dbrx, gpt-2, qwen2, smollm, got " +
        '{"type":"ByteLevel","add_prefix_space":true}.',
    ],
    [
      { ...byteLevel(byteLevelStep(true)), normalizer: { type: "Lowercase" } },
      "normalizer — expected none, or NFC, got Lowercase.",
    ],
    [{ model: { type: "Unigram", vocab: [] } }, "model.type — expected BPE, got Unigram."],
    [byteLevel(byteLevelStep(true), { dropout: 0.1 }), "model.dropout — expected none, got 0.1."],
  ])("that llama.cpp does not support is rejected: %#", (tokenizer, message) => {
    const { metadata, path } = metadataOf(tokenizer, 3);
    expect(metadata).toThrow(`${path} ${message}\n${hint}`);
  });
  test("the post-processor decides on BOS and EOS, not tokenizer_config.json; that has the chat template", () => {
    const tokenizer = {
      ...byteLevel(byteLevelStep(true)),
      added_tokens: [{ id: 3, content: "<s>", special: true }],
    };
    const config = {
      bos_token: "<s>",
      add_bos_token: true,
      chat_template: [
        { name: "tools", template: "with tools" },
        { name: "default", template: "plain" },
      ],
    };
    const others = { "tokenizer_config.json": config };
    expect(metadataOf(tokenizer, 5, others).metadata()).toMatchObject({
      "tokenizer.ggml.tokens": ["a", "b", "ab", "<s>", "[PAD4]"],
      "tokenizer.ggml.token_type": [1, 1, 1, 3, 5],
      "tokenizer.ggml.bos_token_id": 3,
      "tokenizer.ggml.add_bos_token": false,
      "tokenizer.ggml.add_eos_token": false,
      "tokenizer.chat_template": "plain",
    });
    expect(metadataOf(tokenizer, 5, others, "always").metadata()["tokenizer.ggml.add_bos_token"]).toBe(true);
  });
});

const replaceSpaces = { type: "Replace", pattern: { String: " " }, content: "▁" };
const prepend = { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }, replaceSpaces] };
const addsBos = {
  type: "TemplateProcessing",
  single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
  special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } },
};
const pieces = (merges: readonly string[], more: object = {}) => ({
  model: {
    type: "BPE",
    byte_fallback: true,
    unk_token: "<unk>",
    merges,
    vocab: Object.fromEntries(
      ["<unk>", "<s>", "<0x0A>", "ab", "▁a", "▁ab", "▁", "a", "b"].map((token, id) => [token, id]),
    ),
  },
  added_tokens: [
    { id: 0, content: "<unk>", special: true },
    { id: 1, content: "<s>", special: true },
    { id: 9, content: "▁x", special: false },
  ],
  normalizer: prepend,
  post_processor: addsBos,
  ...more,
});
const merges = ["a b", "▁ a", "▁a b", "▁ ab"];

describe("SentencePiece BPE", () => {
  test("is written as pieces with scores in the order of the merges", () => {
    expect(metadataOf(pieces(merges), 10, { "tokenizer_config.json": { bos_token: "<s>" } }).metadata()).toEqual({
      "tokenizer.ggml.model": "llama",
      "tokenizer.ggml.pre": "default",
      "tokenizer.ggml.tokens": ["<unk>", "<s>", "<0x0A>", "ab", "▁a", "▁ab", "▁", "a", "b", " x"],
      "tokenizer.ggml.scores": [0, 0, 0, 0, -1, -2, 0, 0, 0, 0],
      "tokenizer.ggml.token_type": [2, 3, 6, 1, 1, 1, 1, 1, 1, 4],
      "tokenizer.ggml.add_space_prefix": true,
      "tokenizer.ggml.bos_token_id": 1,
      "tokenizer.ggml.unknown_token_id": 0,
      "tokenizer.ggml.add_bos_token": true,
      "tokenizer.ggml.add_eos_token": false,
    });
  });
  test.each([
    [{ normalizer: replaceSpaces }, false],
    [
      {
        normalizer: null,
        pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: false },
      },
      true,
    ],
    [
      {
        normalizer: null,
        pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "never", split: false },
      },
      false,
    ],
  ])("records whether a space is added before a text: %#", (more, adds) => {
    expect(metadataOf(pieces(merges, more), 10).metadata()["tokenizer.ggml.add_space_prefix"]).toBe(adds);
  });
  test.each([
    [
      pieces(["▁a b", "a b", "▁ ab"]),
      "model.merges — expected consecutive merges for each piece, got other merges between those of ▁ab.",
    ],
    [pieces(["a b"]), "model.merges — expected a merge for each piece with several characters, got none for ▁a."],
    [
      pieces(merges, { normalizer: { type: "NFKC" } }),
      'normalizer and pre_tokenizer — expected only spaces replaced by ▁, got ["{\\"type\\":\\"NFKC\\"}"].',
    ],
  ])("whose merges cannot be expressed as scores is rejected: %#", (tokenizer, message) => {
    const { metadata, path } = metadataOf(tokenizer, 10);
    expect(metadata).toThrow(`${path} ${message}\n${hint}`);
  });
});

const llama2 = join(import.meta.dirname, "../../../shared/data/tokenizers/llama2");
const reason = existsSync(llama2) ? "" : ` (skipped: no ${llama2})`;

test.skipIf(!existsSync(llama2))(
  `Llama 2's pieces have scores in the order of their ids, as in its tokenizer.model${reason}`,
  () => {
    const config = { ...picoConfig, vocabSize: 32000, bosId: 1, eosIds: [2] };
    const metadata = Object.fromEntries(
      tokenizerMetadata(llama2, config, "auto").map(([key, { value }]) => [key, value]),
    );
    const texts = metadata["tokenizer.ggml.tokens"] as string[];
    const scores = metadata["tokenizer.ggml.scores"] as number[];
    const types = metadata["tokenizer.ggml.token_type"] as number[];
    expect(types.slice(0, 3)).toEqual([2, 3, 3]);
    expect(types.slice(3, 259).every((type) => type === 6)).toBe(true);
    // In tokenizer.json the merges of spaces come last.
    const merged = scores.filter((_, id) => id >= 259 && id <= 29870 && !/^▁+$/.test(texts[id]));
    expect(merged).toEqual(Array.from(merged, (_, rank) => 0 - rank));
    expect(merged.length).toBeGreaterThan(29000);
  },
);

test("vocab.json and merges.txt are read as their class reads them; of tokenizer.model the hint names a way", () => {
  const folder = temporaryFolder();
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const metadata = () => {
    const entries = tokenizerMetadata(folder, { ...picoConfig, vocabSize: 4, bosId: null, eosIds: [] }, "auto");
    return Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
  };
  write("vocab.json", JSON.stringify({ a: 0, b: 1, ab: 2, "<|endoftext|>": 3 }));
  write("merges.txt", "#version: 0.2\na b\n");
  const expected = { "tokenizer.ggml.merges": ["a b"], "tokenizer.ggml.eos_token_id": 3 };
  expect(metadata()).toMatchObject({ ...expected, "tokenizer.ggml.pre": "gpt-2", "tokenizer.ggml.bos_token_id": 3 });
  write("tokenizer_config.json", JSON.stringify({ tokenizer_class: "Qwen2Tokenizer", eos_token: "<|endoftext|>" }));
  expect(metadata()).toMatchObject({ ...expected, "tokenizer.ggml.pre": "qwen2" });
  write("tokenizer.model", "");
  expect(metadata).toThrow(
    /expected a tokenizer.json, or vocab.json and merges.txt, got tokenizer.model[^]*transformers/,
  );
});
