import { addTokens, plainToken } from "../encode/added-tokens.js";
import { createBpe } from "../encode/bpe.js";
import { toCharacters } from "../encode/bytes-to-unicode.js";
import { splitText } from "../encode/split.js";
import { chainSteps } from "../decode/decoder.js";
import { decodeByteLevel } from "../decode/decoder-steps.js";
import { createWordScanner } from "../encode/scan-words.js";
import { unsupported } from "./tokenizer-error.js";
import { noSpecialTokens, noTokenizerJson, type ParsedTokenizer } from "./tokenizer-file.js";
import { compilePattern, llama3Pattern } from "./split-pattern.js";

/** The number of tokens in Llama 3's file; the ids of special tokens follow. */
const llama3Tokens = 128_000;

const bosToken = "<|begin_of_text|>";
const eosToken = "<|end_of_text|>";

/** The 256 special tokens of Llama 3.1 and later, in the order of their ids. */
function llama3Specials(): readonly string[] {
  const reserved = (i: number): string => `<|reserved_special_token_${i}|>`;
  const named = [
    bosToken,
    eosToken,
    reserved(0),
    reserved(1),
    "<|finetune_right_pad_id|>",
    reserved(2),
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eom_id|>",
    "<|eot_id|>",
    "<|python_tag|>",
  ];
  return [...named, ...Array.from({ length: 256 - named.length }, (_, i) => reserved(i + 3))];
}

/** Whether a tokenizer.model has tiktoken's lines `base64 rank`, rather than a SentencePiece model. */
export function isTiktoken(bytes: Uint8Array): boolean {
  return /^[A-Za-z0-9+/]+=* \d+\r?\n/.test(Buffer.from(bytes.subarray(0, 200)).toString("latin1"));
}

/**
 * Parses Llama 3's tokenizer.model: a line for each token with its bytes in base64 and its id. The file has neither the
 * pattern nor the special tokens.
 *
 * @throws StrataError for any other vocabulary, since its pattern is unknown
 */
export function parseTiktoken(bytes: Uint8Array, where: string): ParsedTokenizer {
  const lines = Buffer.from(bytes).toString("latin1").trimEnd().split("\n");
  if (lines.length !== llama3Tokens)
    throw unsupported(where, `Llama 3's ${llama3Tokens} tokens`, `${lines.length} tokens`);
  const tokens = lines.map((line, id) => {
    const [base64, rank] = line.trimEnd().split(" ");
    if (Number(rank) !== id) throw unsupported(`${where}:${id + 1}`, `a token and its rank ${id}`, line);
    return toCharacters(Buffer.from(base64, "base64"));
  });
  const vocabulary = new Map(tokens.map((token, id) => [token, id]));
  const splits = [{ pattern: compilePattern(llama3Pattern, where), behavior: "Isolated", invert: false }] as const;
  const file = {
    vocabulary,
    addedTokens: addTokens(
      [],
      llama3Specials().map((content) => plainToken(content, true)),
      vocabulary,
    ),
    normalize: (text: string) => text,
    preTokenize: (text: string) => splitText(text, splits),
    scanPreToken: createWordScanner(3),
    encodePreToken: createBpe({
      vocabulary,
      merges: mergesOf(tokens, vocabulary),
      isByteLevel: true,
      ignoreMerges: true,
      byteFallback: false,
      unknownId: null,
      fuseUnknown: false,
    }),
    specialTokens: noSpecialTokens,
    decoder: () => chainSteps([decodeByteLevel()]),
  };
  // Meta's own code puts BOS in front of every text.
  return {
    file,
    named: { bos_token: bosToken, eos_token: eosToken },
    addsBos: true,
    searchesRawText: false,
    ...noTokenizerJson,
  };
}

/** All merges that give a token of the vocabulary, ordered by the ids of the result, the left and the right token. */
function mergesOf(tokens: readonly string[], vocabulary: ReadonlyMap<string, number>): Int32Array {
  const merges: number[] = [];
  for (const [id, token] of tokens.entries()) {
    const pairs: (readonly [left: number, right: number])[] = [];
    for (let at = 1; at < token.length; at++) {
      const left = vocabulary.get(token.slice(0, at));
      const right = left === undefined ? undefined : vocabulary.get(token.slice(at));
      if (left !== undefined && right !== undefined) pairs.push([left, right]);
    }
    for (const [left, right] of pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1])) merges.push(left, right, id);
  }
  return Int32Array.from(merges);
}
