import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";

interface Base {
  readonly model: { readonly vocab: Readonly<Record<string, number>>; readonly merges: readonly [string, string][] };
}

interface Case {
  readonly base: number;
  /** What differs from the base; null: vocab.json and merges.txt instead. */
  readonly "tokenizer.json": object | null;
  readonly files: Readonly<Record<string, object>>;
  readonly expected: {
    readonly ids: readonly (readonly number[])[];
    readonly whole: readonly number[];
    readonly texts: readonly string[];
    readonly bos: number | null;
    readonly eos: number | null;
  };
}

const { texts, bases, cases } = JSON.parse(readFileSync(join(import.meta.dirname, "tokens-beside.json"), "utf8")) as {
  texts: readonly string[];
  bases: readonly Base[];
  cases: readonly Case[];
};

test("there are many cases", () => expect(cases.length).toBe(210));

test.each(cases.map((one, i) => [i, one] as const))(
  "tokens of files beside the vocabulary have the ids, flags and places that transformers gives them: %i",
  (_, { base, files, expected, "tokenizer.json": json }) => {
    const folder = temporaryFolder();
    const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
    for (const [name, content] of Object.entries(files)) write(name, JSON.stringify(content));
    const { model } = bases[base];
    if (json !== null) write("tokenizer.json", JSON.stringify({ ...bases[base], ...json }));
    else {
      write("vocab.json", JSON.stringify(model.vocab));
      write("merges.txt", `#version: 0.2\n${model.merges.map((pair) => `${pair.join(" ")}\n`).join("")}`);
    }
    const tokenizer = openTokenizer(folder);
    const ids = texts.map((text) => tokenizer.encode(text));
    expect(ids).toEqual(expected.ids);
    expect(tokenizer.encode(texts[0], { addSpecialTokens: true })).toEqual(expected.whole);
    expect(ids.map((one) => tokenizer.decode(one, { skipSpecial: true }))).toEqual(expected.texts);
    expect([tokenizer.bosId, tokenizer.eosIds[0] ?? null]).toEqual([expected.bos, expected.eos]);
  },
);
