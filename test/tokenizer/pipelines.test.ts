import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseTokenizerJson } from "../../src/tokenizer/format/tokenizer-json.js";
import { createTokenizer, openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";

/** Small tokenizers of all kinds with the ids of `tokenizers` and `sentencepiece`; see make-pipelines.py. */
const { given, models, pipelines, sentencepiece } = JSON.parse(
  readFileSync(new URL("pipelines.json", import.meta.url), "utf8"),
) as {
  readonly given: readonly string[];
  /** A vocabulary, with its merges if any. */
  readonly models: readonly object[];
  readonly pipelines: readonly {
    readonly name: string;
    readonly tokenizer: { readonly model: object };
    /** The index in `models`. */
    readonly model: number;
    readonly ids: number[][];
    readonly around: [number[], number[]];
    readonly texts: (string | null)[];
    /** With special tokens; null if equal to `texts`. */
    readonly whole_texts: (string | null)[] | null;
    readonly size: number;
    /** The text of every third id, including incomplete characters. */
    readonly odd_text: string | null;
  }[];
  readonly sentencepiece: readonly {
    readonly name: string;
    readonly model: string;
    given: string[];
    ids: number[][];
    texts: string[];
  }[];
};
const folder = temporaryFolder();

describe.each(pipelines)("$name", ({ tokenizer: content, model, ids, around, texts, whole_texts, size, odd_text }) => {
  const json = { ...content, model: { ...content.model, ...models[model] } };
  const open = () => createTokenizer(parseTokenizerJson(json, "tokenizer.json"), { bosId: null, eosIds: [] });
  test("gives the ids of Hugging Face tokenizers, with and without special tokens", () => {
    const tokenizer = open();
    for (const [i, text] of given.entries()) {
      expect(tokenizer.encode(text, { addSpecialTokens: true }), JSON.stringify(text)).toEqual(ids[i]);
      expect([...around[0], ...tokenizer.encode(text), ...around[1]], JSON.stringify(text)).toEqual(ids[i]);
    }
  });
  test("decodes to the texts of Hugging Face tokenizers, with and without special tokens", () => {
    const tokenizer = open();
    for (const [i, row] of ids.entries()) {
      if (texts[i] !== null)
        expect(tokenizer.decode(row, { skipSpecial: true }), JSON.stringify(given[i])).toBe(texts[i]);
      const whole = (whole_texts ?? texts)[i];
      if (whole !== null) expect(tokenizer.decode(row), JSON.stringify(given[i])).toBe(whole);
    }
    const odd = Array.from({ length: Math.ceil(size / 3) }, (_, i) => 3 * i);
    if (odd_text !== null) expect(tokenizer.decode(odd)).toBe(odd_text);
  });
  test("decodes incrementally to the same text, never to an incomplete character", () => {
    const tokenizer = open();
    for (const row of ids) {
      const stream = tokenizer.startDecoding();
      const parts = [...row.map((id) => stream.push(id)), stream.end()];
      expect(parts.join("")).toBe(tokenizer.decode(row));
      expect(parts.every((part) => part.isWellFormed())).toBe(true);
      if (!tokenizer.decode(row).includes("\ufffd")) expect(parts.join("")).not.toContain("\ufffd");
    }
  });
});

test.each(sentencepiece)(
  "a SentencePiece model gives the ids and texts of SentencePiece: $name",
  ({ model, given: modelTexts, ids, texts }) => {
    const path = join(folder, "tokenizer.model");
    writeFileSync(path, Buffer.from(model, "base64"));
    const tokenizer = openTokenizer(path);
    expect(modelTexts.length).toBeGreaterThan(15);
    for (const [i, text] of modelTexts.entries()) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids[i]);
      // As in transformers, an unknown token is shown by its name.
      expect(tokenizer.decode(ids[i]), JSON.stringify(text)).toBe(texts[i].replaceAll(" ⁇ ", "<unk>"));
    }
  },
);
