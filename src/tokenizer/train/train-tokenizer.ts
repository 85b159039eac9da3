import { StrataError } from "../../errors/strata-error.js";
import { bytesByLetter, letterOfByte } from "../encode/byte-letters.js";
import { countWords } from "./count-words.js";
import { learnMerges } from "./learn-merges.js";
import { compilePattern, llama3Pattern } from "../format/split-pattern.js";

/** The marks of begin and end of a text: ids 0 and 1 of a trained tokenizer. */
export const beginOfText = "<|begin_of_text|>";
export const endOfText = "<|end_of_text|>";

export interface TrainedTokenizer {
  /** By id: the two marks, the 256 bytes, then merged tokens; all but the marks in byte letters. */
  readonly tokens: readonly string[];
  /** Pairs of ids in the order in which they were learnt. */
  readonly merges: readonly (readonly [number, number])[];
}

/**
 * Learns byte-level BPE: again and again the most frequent pair becomes a token. Gives the same merges as the trainer of
 * Hugging Face `tokenizers`. Texts too short for so many tokens give fewer.
 *
 * @param options.vocabSize  at least 258: two marks and 256 bytes
 */
export async function trainTokenizer(
  texts: Iterable<string> | AsyncIterable<string>,
  options: { readonly vocabSize: number },
): Promise<TrainedTokenizer> {
  const { vocabSize } = options;
  const tokens = [beginOfText, endOfText, ...bytesByLetter.map((byte) => letterOfByte[byte])];
  if (!Number.isInteger(vocabSize) || vocabSize < tokens.length) {
    throw new StrataError("TokenizerError", {
      where: "vocabSize",
      expected: `a whole number of ${tokens.length} or more: two marks and 256 bytes`,
      got: String(vocabSize),
      hint: "Raise vocabSize; 512 to 4096 suit small models.",
    });
  }
  const words = await countWords(texts, [
    { pattern: compilePattern(llama3Pattern, "the pattern of Llama 3"), behaviour: "Isolated", invert: false },
  ]);
  const merges = learnMerges(words, tokens, vocabSize);
  return { tokens, merges };
}
