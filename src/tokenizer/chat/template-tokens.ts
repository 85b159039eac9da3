import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultsOf } from "../config/class-defaults.js";
import { readTokenizerConfig, type TokenizerConfig } from "../config/tokenizer-config.js";
import { readTokenizerFile } from "../format/read-tokenizer.js";
import type { NamedTokens } from "../special-tokens.js";

/** The texts of named tokens, such as `bos_token`: those of the files, else those that the tokenizer's class names. */
export function templateTokens(folder: string): NamedTokens {
  const config = readTokenizerConfig(folder);
  const tokens: Record<string, string> = { ...unnamedTokens(folder, config) };
  for (const [key, token] of config.named) {
    if (token === null) delete tokens[key];
    else tokens[key] = token.content;
  }
  return tokens;
}

function unnamedTokens(folder: string, { named, tokenizerClass }: TokenizerConfig): NamedTokens {
  const json = join(folder, "tokenizer.json");
  const defaults = defaultsOf(tokenizerClass).named;
  if (!existsSync(json))
    return existsSync(join(folder, "tokenizer.model")) ? readTokenizerFile(folder).named : defaults;
  if (tokenizerClass !== "LlamaTokenizer" || Object.keys(defaults).every((key) => named.has(key))) return defaults;
  // transformers uses this class only for the tokenizers of Llama 1 and 2, which are not byte-level.
  return /"type"\s*:\s*"ByteLevel"/.test(readFileSync(json, "utf8")) ? {} : defaults;
}
