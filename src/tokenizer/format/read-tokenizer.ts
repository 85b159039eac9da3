import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";
import { refuseLfsPointerFile } from "../../files/lfs-pointer.js";
import { readJson, readBosEos, type BosEosIds } from "../special-tokens.js";
import type { ParsedTokenizer, TokenizerFile } from "./tokenizer-file.js";
import { parseGpt2Files } from "./gpt2-files.js";
import { parseSentencePiece } from "./sentencepiece-file.js";
import { isTiktoken, parseTiktoken } from "./tiktoken-file.js";
import { parseTokenizerJson } from "./tokenizer-json.js";

/** Tokenizer files by precedence: the first that exists in a folder is read. `others` are companions of `name`. */
const kinds: readonly (readonly [name: string, ...others: string[]])[] = [
  ["tokenizer.json"],
  ["tokenizer.model"],
  ["vocab.json", "merges.txt"],
  ["encoder.json", "vocab.bpe"],
];

/** The names of the files with a tokenizer's vocabulary or merges. */
export const vocabularyFiles: readonly string[] = kinds.flat();

/** The name of the separate merges file of a vocabulary file; empty if it needs none. */
export function mergesBeside(name: string): readonly string[] {
  const [, ...others] = kinds.find(([first]) => first === name) ?? [name];
  return others;
}

/** @param path  a tokenizer file of any kind, or a folder that contains one */
export function readTokenizerFile(path: string): { readonly file: TokenizerFile; readonly bosEos: BosEosIds } {
  const filePath = findFile(path);
  const { file, bosEos } = parse(filePath);
  const added = new Map(file.addedTokens.map(({ content, id }) => [content, id]));
  return {
    file,
    bosEos: readBosEos(dirname(filePath), (token) => added.get(token) ?? file.vocabulary.get(token), bosEos),
  };
}

function findFile(path: string): string {
  if (!existsSync(path) || !statSync(path).isDirectory()) return path;
  const found = kinds.find(([name]) => existsSync(join(path, name)));
  return join(path, found?.[0] ?? "tokenizer.json");
}

function parse(path: string): ParsedTokenizer {
  const [merges] = mergesBeside(basename(path));
  if (merges !== undefined) return parseGpt2Files(path, join(dirname(path), merges));
  if (!path.endsWith(".model")) return { file: parseTokenizerJson(readJson(path), path), bosEos: {} };
  const bytes = readBytes(path);
  return isTiktoken(bytes) ? parseTiktoken(bytes, path) : parseSentencePiece(bytes, path);
}

function readBytes(path: string): Buffer {
  refuseLfsPointerFile(path);
  try {
    return readFileSync(path);
  } catch (error) {
    const hint = "Give the path of a tokenizer file, or of a folder that contains one.";
    const got = (error as Error).message;
    throw new StrataError("TokenizerError", { where: path, expected: "a tokenizer file", got, hint }, { cause: error });
  }
}
