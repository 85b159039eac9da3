import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { toLetters } from "../../src/tokenizer/byte-letters.js";
import { llama3Pattern } from "../../src/tokenizer/split-pattern.js";
import { parseTokenizerFile } from "../../src/tokenizer/tokenizer-file.js";
import { createTokenizer, openTokenizer, type Tokenizer } from "../../src/tokenizer/tokenizer.js";

// Tokenizers of published models are too large for the repository; they lie beside the checkout where they are there at all.
const shared = join(import.meta.dirname, "../../../shared/data/tokenizers");
const file = (name: string) => join(shared, name);
const present = existsSync(file("vectors"));
const reason = present ? "" : ` (skipped: no ${shared})`;

const byteLevel = { type: "ByteLevel", add_prefix_space: false, use_regex: true };

function fromParts(vocab: Readonly<Record<string, number>>, merges: unknown, preTokenizer: unknown, ignoreMerges: boolean): Tokenizer {
  const model = { type: "BPE", vocab, merges, ignore_merges: ignoreMerges };
  const parsed = parseTokenizerFile({ model, pre_tokenizer: preTokenizer, decoder: byteLevel }, "tokenizer");
  return createTokenizer(parsed, { bosId: null, eosIds: [] });
}

/** encoder.json and vocab.bpe, as GPT-2 was published. */
function gpt2(): Tokenizer {
  const vocab = JSON.parse(readFileSync(file("gpt2/encoder.json"), "utf8")) as Record<string, number>;
  const merges = readFileSync(file("gpt2/vocab.bpe"), "utf8").split("\n").slice(1).filter((line) => line !== "");
  return fromParts(vocab, merges, byteLevel, false);
}

/** tokenizer.model of Llama 3: lines `base64 rank`. Its merges are all cuts of a token into two, in the order of its rank. */
function llama3(): Tokenizer {
  const tokens = readFileSync(file("llama3/tokenizer.model"), "utf8").trimEnd().split("\n")
    .map((line) => toLetters(Buffer.from(line.split(" ")[0], "base64")));
  const rankOf = new Map(tokens.map((token, rank) => [token, rank]));
  const rank = (token: string) => rankOf.get(token) ?? -1;
  const merges = tokens.flatMap((token) =>
    Array.from({ length: token.length - 1 }, (_, i) => [token.slice(0, i + 1), token.slice(i + 1)])
      .filter(([left, right]) => rankOf.has(left) && rankOf.has(right))
      .sort((a, b) => rank(a[0]) - rank(b[0]) || rank(a[1]) - rank(b[1])),
  );
  const split = { type: "Split", pattern: { Regex: llama3Pattern }, behavior: "Isolated" };
  const preTokenizer = { type: "Sequence", pretokenizers: [split, { ...byteLevel, use_regex: false }] };
  return fromParts(Object.fromEntries(rankOf), merges, preTokenizer, true);
}

/** llama.cpp's vectors: texts with a mark between them, and a line of ids for each. */
function vectors(name: string): { text: string; ids: number[] }[] {
  const texts = readFileSync(file(`vectors/${name}.inp`), "utf8").split("\n__ggml_vocab_test__\n");
  const lines = readFileSync(file(`vectors/${name}.out`), "utf8").split("\n");
  return texts.map((text, i) => ({ text, ids: lines[i].split(" ").filter((id) => id !== "").map(Number) }));
}

describe.skipIf(!present)(`tokenizers of published models${reason}`, () => {
  test.each([["GPT-2", gpt2, "gpt-2"], ["Llama 3", llama3, "llama-bpe"]] as const)(
    "%s gives llama.cpp's ids, and decodes them to the text", (_, open, name) => {
      const tokenizer = open();
      const cases = vectors(name);
      expect(cases.length).toBeGreaterThan(40);
      for (const { text, ids } of cases) {
        expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
        expect(tokenizer.decode(ids)).toBe(text);
      }
    },
  );
  test("OLMo 2's tokenizer.json decodes what it encodes", () => {
    const tokenizer = openTokenizer(file("dolma2"));
    for (const { text } of vectors("gpt-2")) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });
  test.each([
    ["llama2", 'llama2/tokenizer.json pre_tokenizer — expected ByteLevel, alone or last in a Sequence, got null.'],
    ["tinystories", 'tinystories/tokenizer.json model.type — expected BPE, got "Unigram".'],
  ])("%s is SentencePiece and is refused", (name, message) => {
    expect(() => openTokenizer(file(name))).toThrow(
      `${shared}/${message}\n  Strata reads byte-level BPE as GPT-2 and Llama 3 have it. ` +
        "Use a model with such a tokenizer, or train one: tokenizer.train in the recipe.",
    );
  });
});
