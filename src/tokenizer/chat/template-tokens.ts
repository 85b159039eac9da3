import { existsSync } from "node:fs";
import { join } from "node:path";
import { defaultsOf } from "../config/class-defaults.js";
import { readTokenizerConfig, type TokenizerConfig } from "../config/tokenizer-config.js";
import { readTokenizerFile } from "../format/read-tokenizer.js";
import { isByteLevelJson } from "../format/tokenizer-json.js";
import { readJson, type NamedTokens } from "../special-tokens.js";

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
  const defaults = defaultsOf(tokenizerClass, false).named;
  if (!existsSync(json))
    return existsSync(join(folder, "tokenizer.model")) ? readTokenizerFile(folder).named : defaults;
  if (Object.keys(defaults).every((key) => named.has(key))) return defaults;
  return defaultsOf(tokenizerClass, isByteLevelJson(readJson(json))).named;
}
