import { addTokens } from "../encode/added-tokens.js";
import { parseAddedTokens } from "./parse-added-tokens.js";
import type { TokenizerFile } from "./tokenizer-file.js";
import { parseDecoder } from "./decoder-section.js";
import { parseModel } from "./model-section.js";
import { parseNormalizer } from "./normalizer.js";
import { parsePostProcessor } from "./post-processor.js";
import { parsePreTokenizer } from "./pre-tokenizer.js";
import { section, type Section } from "./section.js";
import { unsupported } from "./tokenizer-error.js";

/** Whether any part of a tokenizer.json is byte-level; for transformers, a post-processor suffices. */
export function isByteLevelJson(json: unknown): boolean {
  const { normalizer, pre_tokenizer: before, post_processor: after, decoder } = json as Section;
  return /"type":"ByteLevel"/.test(JSON.stringify([normalizer, before, after, decoder]));
}

/** @throws StrataError if any part of the tokenizer.json is not supported */
export function parseTokenizerJson(json: unknown, where: string): TokenizerFile {
  const file = section(json, where);
  if ((file.version ?? "1.0") !== "1.0") throw unsupported(`${where} version`, '"1.0"', file.version);
  const { preTokenize, scanPreToken, isByteLevel } = parsePreTokenizer(file.pre_tokenizer, `${where} pre_tokenizer`);
  const { vocabulary, encodePreToken, refine } = parseModel(file.model, isByteLevel, `${where} model`);
  return {
    vocabulary,
    encodePreToken,
    scanPreToken,
    preTokenize: refine ? (text, isStart) => preTokenize(text, isStart).flatMap(refine) : preTokenize,
    normalize: parseNormalizer(file.normalizer, `${where} normalizer`),
    addedTokens: addTokens([], parseAddedTokens(file.added_tokens, `${where} added_tokens`), vocabulary),
    specialTokens: parsePostProcessor(file.post_processor, `${where} post_processor`),
    decoder: parseDecoder(file.decoder, `${where} decoder`),
  };
}
