import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readContent } from "../../files/lfs-pointer.js";
import { readJson } from "../special-tokens.js";
import { unsupported } from "./tokenizer-error.js";
import type { ParsedTokenizer } from "./tokenizer-file.js";
import { section } from "./section.js";
import { parseTokenizerJson } from "./tokenizer-json.js";

const eosToken = "<|endoftext|>";
const byteLevel = { type: "ByteLevel", add_prefix_space: false, use_regex: true };

/**
 * Parses GPT-2's vocabulary and merges (vocab.json and merges.txt, or encoder.json and vocab.bpe).
 *
 * @throws StrataError if tokenizer_config.json names another tokenizer class, which would use another pre-tokenizer
 */
export function parseGpt2Files(vocabularyPath: string, mergesPath: string): ParsedTokenizer {
  const configPath = join(dirname(vocabularyPath), "tokenizer_config.json");
  const config = existsSync(configPath) ? section(readJson(configPath), configPath) : {};
  const { tokenizer_class: kind = "GPT2Tokenizer" } = config;
  if (kind !== "GPT2Tokenizer" && kind !== "GPT2TokenizerFast") {
    throw unsupported(`${configPath} tokenizer_class`, "GPT2Tokenizer, as there is no tokenizer.json", kind);
  }
  const vocab = section(readJson(vocabularyPath), vocabularyPath);
  if (!existsSync(mergesPath)) throw unsupported(mergesPath, `the merges of ${vocabularyPath}`, "no such file");
  const merges = readContent(mergesPath)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#version"));
  const eos = { id: vocab[eosToken], content: eosToken, special: true };
  const json = {
    added_tokens: eos.id === undefined ? [] : [eos],
    pre_tokenizer: byteLevel,
    decoder: byteLevel,
    model: { type: "BPE", vocab, merges },
  };
  return {
    file: parseTokenizerJson(json, vocabularyPath),
    bosEos: eos.id === undefined ? {} : { eos_token: eosToken },
  };
}
