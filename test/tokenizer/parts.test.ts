import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";

interface Part {
  readonly name: string;
  readonly base: string;
  readonly parts: object;
  /** Keys of the model; `absent`: without this key. */
  readonly model: Readonly<Record<string, unknown>>;
  readonly texts: readonly string[];
  readonly ids: readonly (readonly number[])[];
  readonly decoded: readonly string[];
}

const { bases, cases } = JSON.parse(readFileSync(join(import.meta.dirname, "parts.json"), "utf8")) as {
  bases: Readonly<Record<string, { readonly model: object }>>;
  cases: readonly Part[];
};

/** A folder with the tokenizer.json of a case. */
function folderOf({ base, parts, model }: Pick<Part, "base" | "parts" | "model">): string {
  const folder = temporaryFolder();
  const changed = Object.entries({ ...bases[base].model, ...model }).filter(([, value]) => value !== "absent");
  const json = { version: "1.0", ...bases[base], ...parts, model: Object.fromEntries(changed) };
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(json));
  return folder;
}

test("there are many cases", () => expect(cases.length).toBe(43));

test.each(cases.map((one) => [one.name, one] as const))(
  "a part of a tokenizer.json does what it does in `tokenizers`: %s",
  (_, one) => {
    const tokenizer = openTokenizer(folderOf(one));
    expect(one.texts.map((text) => tokenizer.encode(text))).toEqual(one.ids);
    expect(one.ids.map((ids) => tokenizer.decode(ids))).toEqual(one.decoded);
  },
);

test("the class that tokenizer_config.json names replaces no part of tokenizer.json", () => {
  const digits = cases.find(({ name }) => name === "Digits, individual True") as Part;
  const folder = folderOf(digits);
  writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify({ tokenizer_class: "GPT2Tokenizer" }));
  const { encode } = openTokenizer(folder);
  expect(digits.texts.map((text) => encode(text))).toEqual(digits.ids);
});

test("tokenizer_config.json may have NaN, as Python's json; it must be an object", () => {
  const digits = cases.find(({ name }) => name === "Digits, individual True") as Part;
  const folder = folderOf(digits);
  const path = join(folder, "tokenizer_config.json");
  writeFileSync(path, '{"x": NaN, "model_max_length": Infinity, "eos_token": null}');
  expect(openTokenizer(folder).encode(digits.texts[0])).toEqual(digits.ids[0]);
  writeFileSync(path, "null");
  expect(() => openTokenizer(folder)).toThrow(`${path} — expected an object, got null`);
});

test("class LlamaTokenizer assumes the token </s>, but not beside a tokenizer.json with a byte-level part", () => {
  const idOfExtra = (parts: object) => {
    const folder = folderOf({ base: "pieces", parts, model: {} });
    const config = { tokenizer_class: "LlamaTokenizerFast", additional_special_tokens: ["<|x|>"] };
    writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify(config));
    return openTokenizer(folder).encode("<|x|>")[0];
  };
  expect(idOfExtra({}) - idOfExtra({ post_processor: { type: "ByteLevel" } })).toBe(1);
});

test.each([
  [{ normalizer: { type: "Nmt" } }, 'normalizer.type — expected NFC, .*, got "Nmt"'],
  [{ pre_tokenizer: { type: "UnicodeScripts" } }, 'pre_tokenizer.type — expected Split, .*, got "UnicodeScripts"'],
  [{ version: "2.0" }, 'version — expected "1.0", got "2.0"'],
])("what Strata lacks is refused by its name: %#", (parts, message) => {
  expect(() => openTokenizer(folderOf({ base: "bytes", parts, model: {} }))).toThrow(new RegExp(message));
});
