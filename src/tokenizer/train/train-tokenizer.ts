import { StrataError } from "../../errors/strata-error.js";
import { bytesByCharacter, bytesToUnicode } from "../encode/bytes-to-unicode.js";
import { countWords } from "./count-words.js";
import { learnMerges } from "./learn-merges.js";
import { compilePattern, llama3Pattern } from "../format/split-pattern.js";

/** BOS and EOS: ids 0 and 1 of a trained tokenizer. */
export const bosToken = "<|begin_of_text|>";
export const eosToken = "<|end_of_text|>";

export interface TrainedTokenizer {
  /** By id: BOS, EOS, the 256 bytes, merged tokens; bytes and merges in the characters of `bytesToUnicode`. */
  readonly tokens: readonly string[];
  /** Pairs of ids in the order of merge ranks. */
  readonly merges: readonly (readonly [number, number])[];
}

/**
 * Trains byte-level BPE: repeatedly merges the most frequent pair. Gives the same merges as the trainer of Hugging Face
 * `tokenizers`, and fewer than `vocabSize` tokens if no pair remains.
 *
 * @param options.vocabSize  at least 258: BOS, EOS and 256 bytes
 */
export async function trainTokenizer(
  texts: Iterable<string> | AsyncIterable<string>,
  options: { readonly vocabSize: number },
): Promise<TrainedTokenizer> {
  const { vocabSize } = options;
  const tokens = [bosToken, eosToken, ...bytesByCharacter.map((byte) => bytesToUnicode[byte])];
  if (!Number.isInteger(vocabSize) || vocabSize < tokens.length) {
    throw new StrataError("TokenizerError", {
      where: "vocabSize",
      expected: `a whole number of ${tokens.length} or more: BOS, EOS and 256 bytes`,
      got: String(vocabSize),
      hint: "Raise vocabSize; values from 512 to 4096 suit small models.",
    });
  }
  const words = await countWords(texts, [
    { pattern: compilePattern(llama3Pattern, "Llama 3's pattern"), behavior: "Isolated", invert: false },
  ]);
  const merges = learnMerges(words, tokens, vocabSize);
  return { tokens, merges };
}
