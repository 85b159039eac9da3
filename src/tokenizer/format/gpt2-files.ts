import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readContent } from "../../files/lfs-pointer.js";
import { readJson, readObject } from "../special-tokens.js";
import { unsupported } from "./tokenizer-error.js";
import { noTokenizerJson, type ParsedTokenizer } from "./tokenizer-file.js";
import { section, type Section } from "./section.js";
import { qwenPattern } from "./split-pattern.js";
import { parseTokenizerJson } from "./tokenizer-json.js";

const gpt2Eos = "<|endoftext|>";

/** Parses a vocabulary file and its merges file. @see gpt2FilesAsJson */
export function parseGpt2Files(vocabularyPath: string, mergesPath: string): ParsedTokenizer {
  return {
    file: parseTokenizerJson(gpt2FilesAsJson(vocabularyPath, mergesPath), vocabularyPath),
    named: classOf(vocabularyPath) === "GPT2Tokenizer" ? { bos_token: gpt2Eos, eos_token: gpt2Eos } : {},
    addsBos: false,
    searchesRawText: false,
    ...noTokenizerJson,
  };
}

/**
 * What a tokenizer.json would contain in place of vocab.json and merges.txt, or encoder.json and vocab.bpe. Normalizer
 * and pre-tokenizer are those of the class that tokenizer_config.json names, GPT-2's if it names none.
 *
 * @throws StrataError for another class than GPT2Tokenizer or Qwen2Tokenizer, whose pre-tokenizer is not known
 */
export function gpt2FilesAsJson(vocabularyPath: string, mergesPath: string): Section {
  const kind = classOf(vocabularyPath);
  if (!existsSync(mergesPath)) throw unsupported(mergesPath, `the merges of ${vocabularyPath}`, "no such file");
  const { add_prefix_space: prefix } = readObject(configBeside(vocabularyPath));
  return {
    ...(kind === "Qwen2Tokenizer" ? qwen2Parts(prefix === true) : gpt2Parts(prefix === true)),
    model: {
      type: "BPE",
      vocab: section(readJson(vocabularyPath), vocabularyPath),
      merges: readContent(mergesPath).toString("utf8").split("\n").flatMap(mergeOf),
    },
  };
}

function configBeside(path: string): string {
  return join(dirname(path), "tokenizer_config.json");
}

function classOf(vocabularyPath: string): "GPT2Tokenizer" | "Qwen2Tokenizer" {
  const configPath = configBeside(vocabularyPath);
  const modelType = modelTypeBeside(vocabularyPath);
  const { tokenizer_class: kind = modelType === "qwen2" ? null : "GPT2Tokenizer" } = readObject(configPath);
  const name = String(kind).replace(/Fast$/, "");
  if (name === "Qwen2Tokenizer" || (name === "GPT2Tokenizer" && modelType !== "qwen2")) return name;
  const expected =
    modelType === "qwen2"
      ? "Qwen2Tokenizer, as config.json has model_type qwen2 and there is no tokenizer.json"
      : "GPT2Tokenizer or Qwen2Tokenizer, as there is no tokenizer.json";
  throw unsupported(`${configPath} tokenizer_class`, expected, kind);
}

/** `model_type` of the model in the same folder, which decides on the class in transformers, too. */
function modelTypeBeside(path: string): string | null {
  const configPath = join(dirname(path), "config.json");
  if (!existsSync(configPath)) return null;
  return /"model_type"\s*:\s*"([^"]*)"/.exec(readContent(configPath).toString("utf8"))?.[1] ?? null;
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
