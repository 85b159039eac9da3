import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseTokenizerJson } from "../../src/tokenizer/format/tokenizer-json.js";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { messageOf } from "./message-of.js";

const hint =
  "\n  Strata supports the tokenizers of Llama-type models, BPE and Unigram. Use a model with one of them, or train " +
  "a tokenizer with tokenizer.train in the recipe.";
const model = { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: ["a b"] };
const split = { type: "Split", pattern: { Regex: "a" }, behavior: "Isolated" };

test.each([
  [{ model: { type: "WordPiece", vocab: {} } }, 'T model.type — expected BPE or Unigram, got "WordPiece".'],
  [{ model: { ...model, dropout: 0.1 } }, "T model.dropout — expected none, got 0.1."],
  [{ model: { ...model, merges: ["a c"] } }, 'T model.merges[0] — expected tokens of the vocabulary, got "c".'],
  [{ model: { ...model, unk_token: "?" } }, 'T model.unk_token — expected a token of the vocabulary, got "?".'],
  [
    { model, normalizer: { type: "Precompiled" } },
    "T normalizer.type — expected NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip, " +
      'StripAccents or Sequence, got "Precompiled".',
  ],
  [
    { model, pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "UnicodeScripts" }] } },
    "T pre_tokenizer.pretokenizers[0].type — expected Split, Digits, Punctuation, Whitespace, " +
      "WhitespaceSplit, CharDelimiterSplit, " +
      'BertPreTokenizer, Metaspace, ByteLevel or Sequence, got "UnicodeScripts".',
  ],
  [
    { model, pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "ByteLevel" }, split] } },
    'T pre_tokenizer.pretokenizers[0] — expected ByteLevel as the last pre-tokenizer, got "ByteLevel before another".',
  ],
  [
    { model, pre_tokenizer: { ...split, pattern: { Regex: "a++" } } },
    "T pre_tokenizer.pattern — expected a pattern with the same meaning in JavaScript, " +
      'got "Invalid regular expression: /a++/gu: Nothing to repeat".',
  ],
  [
    { model, pre_tokenizer: { ...split, behavior: "Doubled" } },
    "T pre_tokenizer.behavior — expected Removed, Isolated, MergedWithPrevious, MergedWithNext, " +
      'Contiguous, got "Doubled".',
  ],
  [
    { model, post_processor: { type: "Unheard" } },
    "T post_processor.type — expected TemplateProcessing, BertProcessing, RobertaProcessing, " +
      'ByteLevel or Sequence, got "Unheard".',
  ],
  [
    { model, decoder: { type: "CTC" } },
    'T decoder.type — expected ByteLevel, ByteFallback, Metaspace, Replace, Strip, Fuse or Sequence, got "CTC".',
  ],
  [
    { model, decoder: { type: "Sequence", decoders: [{ type: "Fuse" }, { type: "ByteFallback" }] } },
    'T decoder.decoders[1] — expected only Strip or Replace after Fuse or ByteLevel, got "ByteFallback".',
  ],
])("a tokenizer.json with an unsupported part is rejected, naming the part: %#", (json, message) => {
  expect(messageOf(() => parseTokenizerJson(json, "T"))).toBe(message + hint);
});

function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = join(temporaryFolder(), "made");
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

test.each([
  [{ "vocab.json": "{}" }, 'merges.txt — expected the merges of FOLDER/vocab.json, got "no such file".'],
  [
    { "vocab.json": "{}", "merges.txt": "", "tokenizer_config.json": '{"tokenizer_class":"CLIPTokenizer"}' },
    "tokenizer_config.json tokenizer_class — expected GPT2Tokenizer or Qwen2Tokenizer, as there is no " +
      'tokenizer.json, got "CLIPTokenizer".',
  ],
  [
    { "vocab.json": "{}", "merges.txt": "", "config.json": '{"model_type":"qwen2"}' },
    "tokenizer_config.json tokenizer_class — expected Qwen2Tokenizer, as config.json has model_type qwen2 and there " +
      "is no tokenizer.json, got null.",
  ],
  [{ "tokenizer.model": "IQ== 0\nIg== 1\n" }, 'tokenizer.model — expected Llama 3\'s 128000 tokens, got "2 tokens".'],
  [
    { "tokenizer.model": Uint8Array.of(10, 200) },
    'tokenizer.model — expected a SentencePiece model, or Llama 3\'s base64 lines, got "a truncated field".',
  ],
  [{ "tokenizer.model": "" }, 'tokenizer.model — expected SentencePiece pieces, got "none".'],
])("unsupported tokenizer files are rejected: %#", (files, message) => {
  const folder = folderOf(files as Record<string, string | Uint8Array>);
  expect(messageOf(() => openTokenizer(folder))).toBe(`${folder}/${message.replace("FOLDER", folder)}${hint}`);
});

test("the error for a folder without a tokenizer names the file that was expected", () => {
  const folder = folderOf({});
  expect(messageOf(() => openTokenizer(folder))).toBe(
    `${folder}/tokenizer.json — expected a tokenizer file, got ENOENT: no such file or directory, ` +
      `open '${folder}/tokenizer.json'.\n` +
      "  Give the path of a tokenizer.json, or of a folder that contains one.",
  );
});
