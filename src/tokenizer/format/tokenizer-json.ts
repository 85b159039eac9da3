import { parseAddedTokens } from "../encode/added-tokens.js";
import type { TokenizerFile } from "./tokenizer-file.js";
import { parseDecoder } from "./decoder-section.js";
import { parseModel } from "./model-section.js";
import { parseNormalizer } from "./normalizer.js";
import { parsePostProcessor } from "./post-processor.js";
import { parsePreTokenizer } from "./pre-tokenizer.js";
import { section } from "./section.js";

/** @throws StrataError if a part of the tokenizer.json is not understood whole */
export function parseTokenizerJson(json: unknown, where: string): TokenizerFile {
  const file = section(json, where);
  const { cutText, scanPiece, isByteLevel } = parsePreTokenizer(file.pre_tokenizer, `${where} pre_tokenizer`);
  const { vocabulary, encodePiece, cutPiece } = parseModel(file.model, isByteLevel, `${where} model`);
  return {
    vocabulary,
    encodePiece,
    scanPiece,
    cutText: cutPiece ? (text, isStart) => cutText(text, isStart).flatMap(cutPiece) : cutText,
    normalize: parseNormalizer(file.normalizer, `${where} normalizer`),
    addedTokens: parseAddedTokens(file.added_tokens, `${where} added_tokens`),
    around: parsePostProcessor(file.post_processor, `${where} post_processor`),
    decoder: parseDecoder(file.decoder, `${where} decoder`),
  };
}
