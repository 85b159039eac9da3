import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readContent } from "../../files/lfs-pointer.js";
import { readJson, readObject } from "../special-tokens.js";
import { unsupported } from "./tokenizer-error.js";
import type { ParsedTokenizer } from "./tokenizer-file.js";
import { section, type Section } from "./section.js";
import { qwenPattern } from "./split-pattern.js";
import { parseTokenizerJson } from "./tokenizer-json.js";

const gpt2Eos = "<|endoftext|>";

/**
 * Parses a vocabulary and merges in separate files: vocab.json and merges.txt, or encoder.json and vocab.bpe.
 * Normalizer and pre-tokenizer are those of the class that tokenizer_config.json names, GPT-2's if it names none.
 *
 * @throws StrataError for another class than GPT2Tokenizer or Qwen2Tokenizer, whose pre-tokenizer is not known
 */
export function parseGpt2Files(vocabularyPath: string, mergesPath: string): ParsedTokenizer {
  const configPath = join(dirname(vocabularyPath), "tokenizer_config.json");
  const { tokenizer_class: kind = "GPT2Tokenizer", add_prefix_space: prefix = false } = readObject(configPath);
  const name = String(kind).replace(/Fast$/, "");
  if (name !== "GPT2Tokenizer" && name !== "Qwen2Tokenizer") {
    const expected = "GPT2Tokenizer or Qwen2Tokenizer, as there is no tokenizer.json";
    throw unsupported(`${configPath} tokenizer_class`, expected, kind);
  }
  if (!existsSync(mergesPath)) throw unsupported(mergesPath, `the merges of ${vocabularyPath}`, "no such file");
  const json = {
    ...(name === "Qwen2Tokenizer" ? qwen2Parts(prefix === true) : gpt2Parts(prefix === true)),
    model: {
      type: "BPE",
      vocab: section(readJson(vocabularyPath), vocabularyPath),
      merges: readContent(mergesPath).toString("utf8").split("\n").flatMap(mergeOf),
    },
  };
  return {
    file: parseTokenizerJson(json, vocabularyPath),
    named: name === "GPT2Tokenizer" ? { bos_token: gpt2Eos, eos_token: gpt2Eos } : {},
    addsBos: false,
    searchesRawText: false,
    writtenIds: new Set(),
    isByteLevelJson: false,
  };
}

function gpt2Parts(addPrefixSpace: boolean): Section {
  const byteLevel = { type: "ByteLevel", add_prefix_space: addPrefixSpace, use_regex: true };
  return { pre_tokenizer: byteLevel, decoder: byteLevel };
}

function qwen2Parts(addPrefixSpace: boolean): Section {
  const byteLevel = { type: "ByteLevel", add_prefix_space: addPrefixSpace, use_regex: false };
  const split = { type: "Split", pattern: { Regex: qwenPattern }, behavior: "Isolated", invert: false };
  return {
    normalizer: { type: "NFC" },
    pre_tokenizer: { type: "Sequence", pretokenizers: [split, byteLevel] },
    decoder: byteLevel,
  };
}

/** Lines may end in CR LF, and the first one names the version. */
function mergeOf(line: string): string[] {
  const merge = line.endsWith("\r") ? line.slice(0, -1) : line;
  return merge === "" || merge.startsWith("#version") ? [] : [merge];
}
