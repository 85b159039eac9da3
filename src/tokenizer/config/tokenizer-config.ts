import { join } from "node:path";
import { plainToken, type NewToken } from "../encode/added-tokens.js";
import { parseToken } from "../format/parse-added-tokens.js";
import { section, type Section } from "../format/section.js";
import { readObject, type NamedTokens } from "../special-tokens.js";

/** The tokens and rules in the files beside a vocabulary. */
export interface TokenizerConfig {
  /** By key, such as `bos_token`, in the order in which they are added. Null: the file says that there is none. */
  readonly named: ReadonlyMap<string, NewToken | null>;
  /**
   * Contents that only the tokenizer's class names, and the vocabulary lacks: they get an id, so that others have those
   * of transformers, but no text has them.
   */
  readonly assumed: ReadonlySet<string>;
  /** `extra_special_tokens` or `additional_special_tokens` without keys. */
  readonly extra: readonly NewToken[];
  /** Of `added_tokens_decoder` or added_tokens.json, in the order of the ids that are written there. */
  readonly listed: readonly ListedToken[];
  /** Whether they are those of `added_tokens_decoder`. */
  readonly hasDecoder: boolean;
  /** `tokenizer_class` without `Fast`; null if none is named. */
  readonly tokenizerClass: string | null;
  readonly addsBos: boolean | null;
  readonly addsEos: boolean | null;
  /** Whether SentencePiece puts a space in front of the text after each added token, as before transformers 4.31. */
  readonly prefixesAll: boolean;
}

export interface ListedToken {
  readonly token: NewToken;
  /** As written. */
  readonly id: number;
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
  const extra = extraTokens(config, path, map, mapPath);
  const tokenizerClass =
    typeof config.tokenizer_class === "string" ? config.tokenizer_class.replace(/Fast$/, "") : null;
  return {
    named: inOrder(named),
    assumed: new Set(),
    extra,
    hasDecoder: isListed,
    listed: isListed
      ? parseDecoder(section(config.added_tokens_decoder, `${path} added_tokens_decoder`), path)
      : readAddedTokens(folder, [...namedTexts(config, map), ...extraTexts(config, map)]),
    tokenizerClass,
    addsBos: flag(config.add_bos_token),
    addsEos: flag(config.add_eos_token),
    prefixesAll: flag(config.legacy) ?? tokenizerClass?.endsWith("LlamaTokenizer") !== true,
  };
}

/** Names tokens that the files do not name. @param isKnown  whether the tokenizer has a token */
export function nameByDefault(
  config: TokenizerConfig,
  defaults: NamedTokens,
  isKnown: (content: string) => boolean,
): TokenizerConfig {
  const { named, listed, extra } = config;
  const tokens = [...named.values(), ...listed.map(({ token }) => token), ...extra];
  const contents = new Set(tokens.map((token) => token?.content));
  const more = Object.entries(defaults).filter(([key]) => !named.has(key));
  const isAssumed = (content: string) => !isKnown(content) && !contents.has(content);
  return {
    ...config,
    named: inOrder(new Map([...named, ...more.map(([key, content]) => [key, plainToken(content, true)] as const)])),
    assumed: new Set(more.map(([, content]) => content).filter(isAssumed)),
  };
}

/** The contents of the named tokens that are there. */
export function contentsOf({ named, assumed }: TokenizerConfig): NamedTokens {
  const there = [...named].filter(([, token]) => token !== null && !assumed.has(token.content));
  return Object.fromEntries(there.map(([key, token]) => [key, (token as NewToken).content]));
}

function flag(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}

/** The entries `…_token`, and those of `extra_special_tokens` if it is an object. All are special. */
function parseNamed(file: Section, path: string): [key: string, token: NewToken | null][] {
  const more = file.extra_special_tokens;
  const entries = [
    ...Object.entries(file).filter(([key, value]) => isTokenKey(key, value)),
    ...(typeof more === "object" && more !== null && !Array.isArray(more) ? Object.entries(more) : []),
  ];
  const parse = (value: unknown, where: string) =>
    parseToken(typeof value === "object" ? { ...value, special: true } : value, where, true);
  return entries.map(([key, value]) => [key, value === null ? null : parse(value, `${path} ${key}`)]);
}

function isTokenKey(key: string, value: unknown): boolean {
  const isToken = typeof value === "string" || (typeof value === "object" && !Array.isArray(value));
  return key.endsWith("_token") && isToken && (value !== null || standardKeys.includes(key));
}

/**
 * The tokens without keys: `extra_special_tokens` of both files, without it `additional_special_tokens` of
 * tokenizer_config.json, and only if that has neither, of special_tokens_map.json.
 */
function extraTokens(config: Section, path: string, map: Section, mapPath: string): NewToken[] {
  const more = listOf(map.extra_special_tokens, `${mapPath} extra_special_tokens`);
  const ofConfig = [...ownExtra(config, path), ...more];
  if (ofConfig.length > 0 || namesExtra(config)) return ofConfig;
  return listOf(map.additional_special_tokens, `${mapPath} additional_special_tokens`);
}

function ownExtra(config: Section, path: string): NewToken[] {
  const extra = listOf(config.extra_special_tokens, `${path} extra_special_tokens`);
  return extra.length > 0 ? extra : listOf(config.additional_special_tokens, `${path} additional_special_tokens`);
}

/** Whether tokenizer_config.json has a key for them, even an empty one; an object contains named tokens. */
function namesExtra({ extra_special_tokens: extra, additional_special_tokens: additional }: Section): boolean {
  const isNamed = typeof extra === "object" && extra !== null && !Array.isArray(extra);
  return additional !== undefined || (extra !== undefined && !isNamed);
}

function listOf(value: unknown, where: string): NewToken[] {
  return Array.isArray(value) ? value.map((token, i) => parseToken(token, `${where}[${i}]`, false)) : [];
}

/** The contents of named tokens that count for added_tokens.json: objects in tokenizer_config.json are read later. */
function namedTexts(config: Section, map: Section): readonly unknown[] {
  return standardKeys.map((key) => {
    const token = map[key];
    if (token === undefined) return config[key];
    return typeof token === "object" && token !== null ? (token as Section).content : token;
  });
}

/** Those that are texts and count for added_tokens.json, before `additional_special_tokens` of the map are read. */
function extraTexts(config: Section, map: Section): readonly unknown[] {
  const { extra_special_tokens: extra, additional_special_tokens: additional } = config;
  const own = Array.isArray(extra) && extra.length > 0 ? extra : additional;
  return [own, map.extra_special_tokens].filter(Array.isArray).flat();
}

function inOrder(named: ReadonlyMap<string, NewToken | null>): ReadonlyMap<string, NewToken | null> {
  const standard = standardKeys.flatMap((key) => (named.has(key) ? [[key, named.get(key) ?? null] as const] : []));
  return new Map([...standard, ...[...named].filter(([key]) => !standardKeys.includes(key))]);
}

function parseDecoder(decoder: Section, path: string): ListedToken[] {
  return Object.entries(decoder)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([id, token]) => ({
      token: parseToken(token, `${path} added_tokens_decoder[${JSON.stringify(id)}]`, false),
      id: Number(id),
    }));
}

/** added_tokens.json has ids by content; a token is special if it is one of `specials`. */
function readAddedTokens(folder: string, specials: readonly unknown[]): ListedToken[] {
  const contents = new Set(specials);
  return Object.entries(readObject(join(folder, "added_tokens.json")))
    .sort(([, a], [, b]) => Number(a) - Number(b))
    .map(([content, id]) => {
      const special = contents.has(content);
      return { token: { ...plainToken(content, special), normalized: !special }, id: Number(id) };
    });
}
