import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEncodePool, type EncodePool } from "../../src/tokenizer/pool/encode-pool.js";
import { openTokenizer, trainTokenizer, writeTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";

const { corpus, texts } = JSON.parse(readFileSync(new URL("golden.json", import.meta.url), "utf8")) as Record<
  "corpus" | "texts",
  string[]
>;
const folder = temporaryFolder();
const pools: EncodePool[] = [];
const open = (path: string, threads: number): EncodePool => {
  const pool = openEncodePool(path, threads);
  pools.push(pool);
  return pool;
};

beforeAll(async () => writeTokenizer(folder, await trainTokenizer(corpus, { vocabSize: 400 })));
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

/** Texts of all kinds; the last one is longer than a task. */
const manyTexts = [
  ...Array.from({ length: 40 }, (_, i) =>
    corpus
      .concat(texts)
      .slice(i % 7)
      .join(` ${i} `),
  ),
  "",
  "\ud800 lone",
  "long ".repeat(60_000),
];

describe.each([1, 2, 3])("an encode pool of %i threads", (threads) => {
  test("gives the same ids as the tokenizer, in the order of the texts", async () => {
    const tokenizer = openTokenizer(folder);
    const encoded = await open(folder, threads).encode(manyTexts);
    expect(encoded.map((ids) => [...ids])).toEqual(manyTexts.map((text) => tokenizer.encode(text)));
  });
  test("gives overlapping calls the same results as sequential ones", async () => {
    const tokenizer = openTokenizer(folder);
    const pool = open(folder, threads);
    const calls = Array.from({ length: 20 }, (_, i) => manyTexts.slice(i, 2 * i));
    const answers = await Promise.all(calls.map((call) => pool.encode(call)));
    expect(answers.map((answer) => answer.map((ids) => [...ids]))).toEqual(
      calls.map((call) => call.map((text) => tokenizer.encode(text))),
    );
  });
  test("reports why the tokenizer cannot be read", async () => {
    const missing = join(folder, "missing");
    await expect(open(missing, threads).encode(["text"])).rejects.toThrow(
      `${missing} — expected a tokenizer file, got ENOENT: no such file or directory, open '${missing}'.\n` +
        "  Give the path of a tokenizer.json, or of a folder that contains one.",
    );
  });
  test("rejects pending and later calls when it is closed", async () => {
    const pool = open(folder, threads);
    await pool.encode(["text"]);
    const pending = threads === 1 ? null : pool.encode(manyTexts).catch((error: Error) => error.message);
    await pool.close();
    const message =
      `${folder} — expected an open encode pool, got a closed pool.\n` +
      "  Close the pool only after the last texts are encoded.";
    if (pending) expect(await pending).toBe(message);
    await expect(pool.encode(["text"])).rejects.toThrow(message);
  });
});

test.each([0, 1.5, Number.NaN])("a pool of %d threads is rejected", (threads) => {
  expect(() => openEncodePool(folder, threads)).toThrow(
    `threads — expected a whole number of 1 or more, got ${threads}.\n  Use the number of CPU cores.`,
  );
});
