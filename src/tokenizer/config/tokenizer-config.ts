import { join } from "node:path";
import { plainToken, type NewToken } from "../encode/added-tokens.js";
import { parseToken } from "../format/parse-added-tokens.js";
import { section, type Section } from "../format/section.js";
import { readObject, type NamedTokens } from "../special-tokens.js";

/** The tokens and rules in the files beside a vocabulary. */
export interface TokenizerConfig {
  /** By key, such as `bos_token`, in the order in which they are added. Null: the file says that there is none. */
  readonly named: ReadonlyMap<string, NewToken | null>;
  /** `extra_special_tokens` or `additional_special_tokens` without keys. */
  readonly extra: readonly NewToken[];
  /** Of `added_tokens_decoder` or added_tokens.json, by the ids that are written there. */
  readonly listed: readonly NewToken[];
  /** `tokenizer_class` without `Fast`; null if none is named. */
  readonly tokenizerClass: string | null;
  readonly addsBos: boolean | null;
  readonly addsEos: boolean | null;
  /** Whether SentencePiece puts a space in front of the text after each added token, as before transformers 4.31. */
  readonly prefixesAll: boolean;
}

/** The keys of every class of transformers, in its order; other keys that end in `_token` follow. */
const standardKeys = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

/**
 * Reads tokenizer_config.json and, unless it has `added_tokens_decoder`, special_tokens_map.json, whose tokens then
 * count before those of tokenizer_config.json, and added_tokens.json.
 *
 * @throws StrataError if a token is neither text nor an object with `content`
 * @see transformers 5.24, PreTrainedTokenizerBase._from_pretrained
 */
export function readTokenizerConfig(folder: string): TokenizerConfig {
  const path = join(folder, "tokenizer_config.json");
  const config = readObject(path);
  const isListed = config.added_tokens_decoder !== undefined;
  const mapPath = join(folder, "special_tokens_map.json");
  const map = isListed ? {} : readObject(mapPath);
  const named = new Map([...parseNamed(config, path), ...parseNamed(map, mapPath)]);
  const extra = parseExtra(config, path) ?? parseExtra(map, mapPath) ?? [];
  const tokenizerClass =
    typeof config.tokenizer_class === "string" ? config.tokenizer_class.replace(/Fast$/, "") : null;
  return {
    named: inOrder(named),
    extra,
    listed: isListed
      ? parseDecoder(section(config.added_tokens_decoder, `${path} added_tokens_decoder`), path)
      : readAddedTokens(folder, [...standardKeys.map((key) => named.get(key)), ...extra]),
    tokenizerClass,
    addsBos: flag(config.add_bos_token),
    addsEos: flag(config.add_eos_token),
    prefixesAll: flag(config.legacy) ?? tokenizerClass?.endsWith("LlamaTokenizer") !== true,
  };
}

/** Names tokens that the files do not name, if the tokenizer has them. */
export function nameByDefault(
  named: TokenizerConfig["named"],
  defaults: NamedTokens,
  isKnown: (content: string) => boolean,
): TokenizerConfig["named"] {
  const more = Object.entries(defaults).filter(([key, content]) => !named.has(key) && isKnown(content));
  return inOrder(new Map([...named, ...more.map(([key, content]) => [key, plainToken(content, true)] as const)]));
}

/** The contents of the tokens that are there. */
export function contentsOf(named: TokenizerConfig["named"]): NamedTokens {
  return Object.fromEntries([...named].flatMap(([key, token]) => (token === null ? [] : [[key, token.content]])));
}

function flag(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}

/** The entries `…_token`, and those of `extra_special_tokens` if it is an object. */
function parseNamed(file: Section, path: string): [key: string, token: NewToken | null][] {
  const more = file.extra_special_tokens;
  const entries = [
    ...Object.entries(file).filter(([key, value]) => isTokenKey(key, value)),
    ...(typeof more === "object" && more !== null && !Array.isArray(more) ? Object.entries(more) : []),
  ];
  return entries.map(([key, value]) => [key, value === null ? null : parseToken(value, `${path} ${key}`, true)]);
}

function isTokenKey(key: string, value: unknown): boolean {
  const isToken = typeof value === "string" || (typeof value === "object" && !Array.isArray(value));
  return key.endsWith("_token") && isToken && (value !== null || standardKeys.includes(key));
}

/** Null if the file has no list of them. */
function parseExtra(file: Section, path: string): NewToken[] | null {
  for (const key of ["extra_special_tokens", "additional_special_tokens"]) {
    const value = file[key];
    if (Array.isArray(value) && value.length > 0)
      return value.map((token, i) => parseToken(token, `${path} ${key}[${i}]`, true));
  }
  return null;
}

function inOrder(named: ReadonlyMap<string, NewToken | null>): ReadonlyMap<string, NewToken | null> {
  const standard = standardKeys.flatMap((key) => (named.has(key) ? [[key, named.get(key) ?? null] as const] : []));
  return new Map([...standard, ...[...named].filter(([key]) => !standardKeys.includes(key))]);
}

function parseDecoder(decoder: Section, path: string): NewToken[] {
  return Object.entries(decoder)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([id, token]) => parseToken(token, `${path} added_tokens_decoder[${JSON.stringify(id)}]`, false));
}

/** added_tokens.json has ids by content; a token is special if it is one of `specials`. */
function readAddedTokens(folder: string, specials: readonly (NewToken | null | undefined)[]): NewToken[] {
  const contents = new Set(specials.map((token) => token?.content));
  return Object.entries(readObject(join(folder, "added_tokens.json")))
    .sort(([, a], [, b]) => Number(a) - Number(b))
    .map(([content]) => {
      const special = contents.has(content);
      return { content, special, normalized: !special, lstrip: false, rstrip: false, singleWord: false };
    });
}
