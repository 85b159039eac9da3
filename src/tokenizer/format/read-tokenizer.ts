import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";
import { isFolder } from "../../files/is-folder.js";
import { refuseLfsPointerFile } from "../../files/lfs-pointer.js";
import { addTokensBeside } from "../config/add-tokens-beside.js";
import { defaultsOf, type ClassDefaults } from "../config/class-defaults.js";
import { contentsOf, nameByDefault, readTokenizerConfig, type TokenizerConfig } from "../config/tokenizer-config.js";
import { readJson, readBosEos, type BosEosIds, type NamedTokens } from "../special-tokens.js";
import type { ParsedTokenizer, SpecialTokens, TokenizerFile } from "./tokenizer-file.js";
import { parseGpt2Files } from "./gpt2-files.js";
import { parseSentencePiece } from "./sentencepiece-file.js";
import { isTiktoken, parseTiktoken } from "./tiktoken-file.js";
import { writtenTokens } from "./parse-added-tokens.js";
import { isByteLevelJson, parseTokenizerJson } from "./tokenizer-json.js";

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

/** A tokenizer with the tokens and rules of all its files. */
export interface OpenedTokenizer {
  readonly file: TokenizerFile;
  readonly bosEos: BosEosIds;
  /** The contents of its named tokens, such as `bos_token`. */
  readonly named: NamedTokens;
}

/**
 * Reads a tokenizer and the files beside it as transformers 5.24 does.
 *
 * @param path  a tokenizer file of any kind, or a folder that contains one
 */
export function readTokenizerFile(path: string): OpenedTokenizer {
  const filePath = findFile(path);
  const folder = dirname(filePath);
  const found = readTokenizerConfig(folder);
  const parsed = parse(filePath, found);
  const { vocabulary, addedTokens: own } = parsed.file;
  const ownContents = new Set(own.map(({ content }) => content));
  const defaults = defaultsOf(found.tokenizerClass, parsed.isByteLevelJson);
  const isKnown = (content: string) => vocabulary.has(content) || ownContents.has(content);
  const config = nameByDefault(found, { ...defaults.named, ...parsed.named }, isKnown);
  const all = addTokensBeside(own, config, vocabulary, parsed.written, defaults.resetsFlags === true);
  const addedTokens = parsed.searchesRawText ? all.map((token) => ({ ...token, normalized: false })) : all;
  const added = new Map(addedTokens.map(({ content, id }) => [content, id]));
  const named = contentsOf(config);
  const bosEos = readBosEos(folder, named, (token) => added.get(token) ?? vocabulary.get(token));
  const specialTokens = specialTokensOf(parsed, config, defaults, bosEos);
  return { file: { ...parsed.file, addedTokens, specialTokens }, bosEos, named };
}

/**
 * The special tokens before and after a text. The post-processor of tokenizer.json decides; without a tokenizer.json,
 * `add_bos_token` and `add_eos_token`.
 */
function specialTokensOf(
  { file, addsBos }: ParsedTokenizer,
  config: TokenizerConfig,
  defaults: ClassDefaults,
  { bosId, eosIds }: BosEosIds,
): SpecialTokens {
  const around = (withBos: boolean, withEos: boolean): SpecialTokens => ({
    before: withBos && bosId !== null ? [bosId] : [],
    after: withEos ? eosIds.slice(0, 1) : [],
  });
  if (addsBos === null) return defaults.addsBos ? around(true, false) : file.specialTokens;
  return around(config.addsBos ?? defaults.addsBos ?? addsBos, config.addsEos ?? false);
}

function findFile(path: string): string {
  if (!isFolder(path)) return path;
  const found = kinds.find(([name]) => existsSync(join(path, name)));
  return join(path, found?.[0] ?? "tokenizer.json");
}

function parse(path: string, { prefixesAll }: TokenizerConfig): ParsedTokenizer {
  const [merges] = mergesBeside(basename(path));
  if (merges !== undefined) return parseGpt2Files(path, join(dirname(path), merges));
  if (!path.endsWith(".model")) {
    const json = readJson(path);
    const file = parseTokenizerJson(json, path);
    const facts = { written: writtenTokens(json, path), isByteLevelJson: isByteLevelJson(json) };
    return { file, named: {}, addsBos: null, searchesRawText: false, ...facts };
  }
  const bytes = readBytes(path);
  return isTiktoken(bytes) ? parseTiktoken(bytes, path) : parseSentencePiece(bytes, path, prefixesAll);
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
