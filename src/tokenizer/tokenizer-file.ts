import { parseAddedTokens, type AddedToken } from "./added-tokens.js";
import type { Cut } from "./cut.js";
import { parseModel, type BpeModel } from "./model-section.js";
import { compilePattern, gpt2Pattern } from "./split-pattern.js";
import { unsupported } from "./tokenizer-error.js";

/** What a tokenizer.json says, as far as it changes ids and text. */
export interface TokenizerFile extends BpeModel {
  readonly cuts: readonly Cut[];
  /** Whether text is brought to Unicode's normal form C first. */
  readonly normalForm: boolean;
  readonly addedTokens: readonly AddedToken[];
}

export type Section = Readonly<Record<string, unknown>>;

/** @throws StrataError if the tokenizer is not byte-level BPE, or has a part that is not understood whole */
export function parseTokenizerFile(json: unknown, where: string): TokenizerFile {
  const file = section(json, where);
  const model = section(file.model, `${where} model`);
  const decoder = section(file.decoder ?? {}, `${where} decoder`);
  // Old files leave out the type.
  if (model.type !== "BPE" && model.type !== undefined) throw unsupported(`${where} model.type`, "BPE", model.type);
  const cuts = parsePreTokenizer(file.pre_tokenizer, `${where} pre_tokenizer`);
  if (decoder.type !== "ByteLevel") throw unsupported(`${where} decoder.type`, "ByteLevel", decoder.type ?? null);
  return {
    ...parseModel(model, where),
    cuts,
    normalForm: parseNormalizer(file.normalizer, `${where} normalizer`),
    addedTokens: parseAddedTokens(file.added_tokens, `${where} added_tokens`),
  };
}

export function section(value: unknown, where: string): Section {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Section;
  throw unsupported(where, "an object", value);
}

function parseNormalizer(value: unknown, where: string): boolean {
  if (value === null || value === undefined) return false;
  const { type, normalizers } = section(value, where);
  if (type === "Sequence" && Array.isArray(normalizers)) {
    return normalizers.map((part, i) => parseNormalizer(part, `${where}.normalizers[${i}]`)).includes(true);
  }
  if (type !== "NFC") throw unsupported(`${where}.type`, "none, or NFC", type);
  return true;
}

function parsePreTokenizer(value: unknown, where: string): Cut[] {
  const top = section(value ?? {}, where);
  const listed = top.type === "Sequence" ? top.pretokenizers : [top];
  if (!Array.isArray(listed)) throw unsupported(`${where}.pretokenizers`, "a list", listed);
  const parts = listed.map((part, i) => section(part, `${where}.pretokenizers[${i}]`));
  const last = parts.at(-1);
  if (last?.type !== "ByteLevel") throw unsupported(where, "ByteLevel, alone or last in a Sequence", last?.type ?? null);
  return parts.flatMap((part, i) => parseCut(part, parts.length === 1 ? where : `${where}.pretokenizers[${i}]`, part === last));
}

function parseCut(part: Section, where: string, isLast: boolean): Cut[] {
  switch (part.type) {
    case "ByteLevel":
      if (!isLast) throw unsupported(where, "ByteLevel only at the end", "ByteLevel before another part");
      if (part.add_prefix_space === true) throw unsupported(`${where}.add_prefix_space`, "false", true);
      return part.use_regex === false ? [] : [{ pattern: compilePattern(gpt2Pattern, where), keepsGaps: true }];
    case "Digits":
      return [{ pattern: part.individual_digits === true ? /\p{N}/gu : /\p{N}+/gu, keepsGaps: true }];
    case "Split":
      return [parseSplit(part, where)];
    default:
      throw unsupported(`${where}.type`, "Split, Digits or ByteLevel", part.type ?? null);
  }
}

function parseSplit(part: Section, where: string): Cut {
  const source = section(part.pattern, `${where}.pattern`);
  const regex = typeof source.String === "string" ? source.String.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&") : source.Regex;
  if (typeof regex !== "string") throw unsupported(`${where}.pattern`, "Regex or String", source);
  const pattern = compilePattern(regex, `${where}.pattern`);
  if (part.behavior === "Isolated") return { pattern, keepsGaps: true };
  if (part.behavior === "Removed" && part.invert === true) return { pattern, keepsGaps: false };
  throw unsupported(`${where}.behavior`, "Isolated, or Removed with invert", part.behavior ?? null);
}
