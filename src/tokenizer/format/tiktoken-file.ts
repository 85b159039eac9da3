import { plainToken } from "../encode/added-tokens.js";
import { createBpe } from "../encode/bpe.js";
import { toLetters } from "../encode/byte-letters.js";
import { cutText } from "../encode/cut.js";
import { chainSteps } from "../decode/decoder.js";
import { decodeByteLetters } from "../decode/decoder-steps.js";
import { createWordScanner } from "../encode/scan-words.js";
import { unsupported } from "./tokenizer-error.js";
import type { ParsedTokenizer } from "./tokenizer-file.js";
import { compilePattern, llama3Pattern } from "./split-pattern.js";

/** How many tokens the file of Llama 3 has; the special ones follow. */
const llama3Tokens = 128_000;

const beginOfText = "<|begin_of_text|>";
const endOfText = "<|end_of_text|>";

/** The 256 special tokens of Llama 3.1 and later, in the order of their ids. */
function llama3Specials(): readonly string[] {
  const reserved = (i: number): string => `<|reserved_special_token_${i}|>`;
  const named = [
    beginOfText,
    endOfText,
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

/** Whether a tokenizer.model is lines of `base64 rank` rather than SentencePiece's. */
export function isTiktoken(bytes: Uint8Array): boolean {
  return /^[A-Za-z0-9+/]+=* \d+\r?\n/.test(Buffer.from(bytes.subarray(0, 200)).toString("latin1"));
}

/**
 * tokenizer.model of Llama 3: the bytes of each token in base64 with its id. The pattern and the special tokens are not in
 * the file.
 *
 * @throws StrataError if it is another vocabulary than Llama 3's, whose pattern is not known
 */
export function parseTiktoken(bytes: Uint8Array, where: string): ParsedTokenizer {
  const lines = Buffer.from(bytes).toString("latin1").trimEnd().split("\n");
  if (lines.length !== llama3Tokens)
    throw unsupported(where, `Llama 3's ${llama3Tokens} tokens`, `${lines.length} tokens`);
  const tokens = lines.map((line, id) => {
    const [base64, rank] = line.trimEnd().split(" ");
    if (Number(rank) !== id) throw unsupported(`${where}:${id + 1}`, `a token and the number ${id}`, line);
    return toLetters(Buffer.from(base64, "base64"));
  });
  const vocabulary = new Map(tokens.map((token, id) => [token, id]));
  const cuts = [{ pattern: compilePattern(llama3Pattern, where), behaviour: "Isolated", invert: false }] as const;
  const file = {
    vocabulary,
    addedTokens: llama3Specials().map((content, i) => plainToken(llama3Tokens + i, content, true)),
    normalize: (text: string) => text,
    cutText: (text: string) => cutText(text, cuts),
    scanPiece: createWordScanner(3),
    encodePiece: createBpe({
      vocabulary,
      merges: mergesOf(tokens, vocabulary),
      isByteLevel: true,
      ignoreMerges: true,
      byteFallback: false,
      unknownId: null,
      fuseUnknown: false,
    }),
    around: { before: [llama3Tokens], after: [] },
    decoder: () => chainSteps([decodeByteLetters()]),
  };
  return { file, marks: { bos_token: beginOfText, eos_token: endOfText } };
}

/** All ways to put a token together from two, in the order of the token's id, then of the left part's, then of the right part's. */
export function mergesOf(tokens: readonly string[], vocabulary: ReadonlyMap<string, number>): Int32Array {
  const merges: number[] = [];
  for (const [id, token] of tokens.entries()) {
    const ways: (readonly [left: number, right: number])[] = [];
    for (let at = 1; at < token.length; at++) {
      const left = vocabulary.get(token.slice(0, at));
      const right = left === undefined ? undefined : vocabulary.get(token.slice(at));
      if (left !== undefined && right !== undefined) ways.push([left, right]);
    }
    for (const [left, right] of ways.sort((a, b) => a[0] - b[0] || a[1] - b[1])) merges.push(left, right, id);
  }
  return Int32Array.from(merges);
}
