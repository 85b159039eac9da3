import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openTokenizer, type Tokenizer } from "../../../tokenizer/tokenizer.js";

/** Files that decide what a tokenizer does. */
const files = [
  "tokenizer.json",
  "tokenizer.model",
  "vocab.json",
  "merges.txt",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "generation_config.json",
];

/**
 * Opens the tokenizers of several models. Models with the same files share one, which remembers the ids of every text:
 * their prompts are tokenized once.
 */
export function sharedTokenizers(models: number): (folder: string) => Tokenizer {
  if (models < 2) return openTokenizer;
  const opened = new Map<string, Tokenizer>();
  return (folder) => {
    const key = hashFiles(folder);
    const tokenizer = opened.get(key) ?? remembering(openTokenizer(folder));
    opened.set(key, tokenizer);
    return tokenizer;
  };
}

function hashFiles(folder: string): string {
  const hash = createHash("sha256");
  for (const name of files) {
    const path = join(folder, name);
    hash.update(`${name}\0`);
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

function remembering(tokenizer: Tokenizer): Tokenizer {
  const known = new Map<string, readonly number[]>();
  return {
    ...tokenizer,
    encode(text, options) {
      if (options?.addSpecialTokens === true) return tokenizer.encode(text, options);
      const ids = known.get(text) ?? tokenizer.encode(text);
      known.set(text, ids);
      return [...ids];
    },
  };
}
