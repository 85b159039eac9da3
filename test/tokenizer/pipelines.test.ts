import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseTokenizerJson } from "../../src/tokenizer/format/tokenizer-json.js";
import { createTokenizer, openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";

/** Small tokenizers of all kinds with what `tokenizers` and `sentencepiece` make of texts; see make-pipelines.py. */
const { given, models, pipelines, sentencepiece } = JSON.parse(
  readFileSync(new URL("pipelines.json", import.meta.url), "utf8"),
) as {
  readonly given: readonly string[];
  /** A vocabulary, with merges if it has them. */
  readonly models: readonly object[];
  readonly pipelines: readonly {
    readonly name: string;
    readonly tokenizer: { readonly model: object };
    /** Which of `models` it has. */
    readonly model: number;
    readonly ids: number[][];
    readonly around: [number[], number[]];
    readonly texts: (string | null)[];
    /** With special tokens; null where that is the same. */
    readonly whole_texts: (string | null)[] | null;
    readonly size: number;
    /** Of every third id: halves of characters among them. */
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
  test("gives the ids of Hugging Face tokenizers, with and without what stands around a text", () => {
    const tokenizer = open();
    for (const [i, text] of given.entries()) {
      expect(tokenizer.encode(text, { around: true }), JSON.stringify(text)).toEqual(ids[i]);
      expect([...around[0], ...tokenizer.encode(text), ...around[1]], JSON.stringify(text)).toEqual(ids[i]);
    }
  });
  test("decodes to its texts, with and without special tokens", () => {
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
  test("decoded one id at a time gives the same text, and never half a character", () => {
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
  "a model of SentencePiece gives its ids and texts: $name",
  ({ model, given: own, ids, texts }) => {
    const path = join(folder, "tokenizer.model");
    writeFileSync(path, Buffer.from(model, "base64"));
    const tokenizer = openTokenizer(path);
    expect(own.length).toBeGreaterThan(15);
    for (const [i, text] of own.entries()) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids[i]);
      // What is unknown is shown by its name, as transformers does.
      expect(tokenizer.decode(ids[i]), JSON.stringify(text)).toBe(texts[i].replaceAll(" ⁇ ", "<unk>"));
    }
  },
);
