import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRecords } from "../../src/corpus/records/records.js";
import { encodePrompt } from "../../src/evaluate/request/encode.js";
import { mergeModels } from "../../src/merge/merge.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { openSafetensors } from "../../src/tensor/safetensors.js";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { casesFolder } from "./field-cases.js";

// Reports from public trackers that no other test repeats. docs/compatibility.md lists all that were tried.

describe("safetensors", () => {
  const path = join(temporaryFolder(), "model.safetensors");
  const open = (header: string, data: number) => {
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(path, Buffer.concat([prefix, Buffer.from(header), Buffer.alloc(data)]));
    return openSafetensors(path);
  };
  const tensor = (begin: number, end: number) => `{"dtype":"F32","shape":[2],"data_offsets":[${begin},${end}]}`;
  test("#401: a name twice in the header", () => {
    expect(() => open(`{"a":${tensor(0, 8)},"a":${tensor(8, 16)}}`, 16)).toThrow(
      / a — expected .*holes.*, got \[8,16\]/,
    );
  });
  test("#586: two names for the same bytes", () => {
    expect(() => open(`{"a":${tensor(0, 8)},"b":${tensor(0, 8)}}`, 8)).toThrow(/ b — expected .*overlaps, got \[0,8\]/);
  });
  test("#466 and #601: metadata without tensors; metadata that is empty", () => {
    expect([...open('{"__metadata__":{"key":"value"}}', 0).tensors]).toEqual([]);
    expect([...open(`{"__metadata__":{},"a":${tensor(0, 8)}}`, 8).tensors.keys()]).toEqual(["a"]);
  });
  test("bytes after the last tensor", () => {
    expect(() => open(`{"a":${tensor(0, 8)}}`, 9)).toThrow(/model\.safetensors — expected/);
  });
});

describe("hyparquet", () => {
  const read = async (name: string) => {
    const source = { files: [join(import.meta.dirname, "reports", name)], text: { field: "text" } };
    const records: Record<string, unknown>[] = [];
    for await (const read of readRecords(source)) {
      if ("error" in read) throw read.error;
      records.push(read.record);
    }
    return records;
  };
  test("#103: more rows than two pages hold, as words of a dictionary (#72)", async () => {
    const texts = (await read("many-rows.parquet")).map(({ text }) => text);
    expect(texts.length).toBe(40_961);
    expect(texts.every((text, i) => text === `row ${i % 7}`)).toBe(true);
  });
  test("#76: the encodings of DuckDB's version 2", async () => {
    const expected = Array.from({ length: 300 }, (_, i) => `word ${i} of many`);
    expect((await read("delta.parquet")).map(({ text }) => text)).toEqual(expected);
    expect((await read("delta.parquet")).map(({ n }) => n)).toEqual(expected.map((_, i) => i));
    expect((await read("delta-strings.parquet")).map(({ text }) => text)).toEqual(expected);
  });
  test("#71: lists of structs with empty and missing lists", async () => {
    expect((await read("nested.parquet")).map(({ papers }) => papers)).toEqual([
      [
        { name: "A", tags: ["x", null] },
        { name: null, tags: [] },
      ],
      [],
      null,
      [{ name: "B", tags: null }, null],
    ]);
  });
});

describe("tokenizers and llama.cpp", () => {
  test("tokenizers #566: merges of tokens with spaces, as pairs", () => {
    const folder = temporaryFolder();
    const vocab = { a: 0, " ": 1, b: 2, "a ": 3, "a b": 4 };
    const merges = [
      ["a", " "],
      ["a ", "b"],
    ];
    const json = { version: "1.0", decoder: { type: "Fuse" }, model: { type: "BPE", vocab, merges } };
    writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(json));
    expect(openTokenizer(folder).encode("a bb a")).toEqual([4, 2, 1, 0]);
  });
  test("llama.cpp #3633: added_tokens.json that lists tokens of the vocabulary too", () => {
    const folder = join(temporaryFolder(), "model");
    cpSync(join(casesFolder, "bos-not-added/sentencepiece-true"), folder, { recursive: true });
    const listed = { "<unk>": 0, "<s>": 1, "</s>": 2, "<|x|>": 310 };
    writeFileSync(join(folder, "added_tokens.json"), JSON.stringify(listed));
    const tokenizer = openTokenizer(folder);
    const ids = tokenizer.encode("The<|x|> gull</s>", { addSpecialTokens: true });
    expect(ids).toEqual([1, 270, 306, 259, 310, 270, 290, 285, 281, 281, 2]);
    expect(tokenizer.decode(ids, { skipSpecial: true })).toBe("The<|x|> gull");
  });
});

test("lm-evaluation-harness #2676: a prompt that begins with BOS gets no second one", () => {
  const tokenizer = openTokenizer(join(casesFolder, "bos-not-added/template"));
  const { prefix } = tokenizer;
  expect(prefix).toEqual([0]);
  expect(encodePrompt(tokenizer, "<|begin|>The gull", prefix)).toEqual(encodePrompt(tokenizer, "The gull", prefix));
});

test("mergekit #425: rows of the embedding beyond the tokenizer's ids are merged and kept", async () => {
  const folder = join(temporaryFolder(), "model");
  mkdirSync(folder);
  cpSync(join(casesFolder, "any-model"), folder, { recursive: true });
  const path = join(folder, "tokenizer.json");
  const json = JSON.parse(readFileSync(path, "utf8")) as {
    model: { vocab: Record<string, number>; merges: unknown[] };
  };
  const { vocab, merges } = json.model;
  const fewer = Object.fromEntries(Object.entries(vocab).filter(([, id]) => id < Object.keys(vocab).length - 1));
  writeFileSync(path, JSON.stringify({ ...json, model: { ...json.model, vocab: fewer, merges: merges.slice(0, -1) } }));
  expect(openTokenizer(folder).vocabSize).toBe(openModelFolder(folder).config.vocabSize - 1);
  const merged = join(temporaryFolder(), "merged");
  const part = { folder, window: { first: 0, end: 1, embeddings: true } };
  const settings = { method: "linear", trainedShare: 0.8, density: 1, lambda: 1, outerOptimizer: null } as const;
  await mergeModels({ base: folder, parts: [part, part], settings, folder: merged, momentum: null });
  const [before, after] = [folder, merged].map((path) =>
    openModelFolder(path).tensors.get("model.embed_tokens.weight"),
  );
  expect(after?.shape).toEqual(before?.shape);
});
