import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openShards } from "../../src/corpus/shards/batches.js";
import { cutShards, verifyShards } from "../../src/corpus/shards/shards.js";
import { openTokenSource } from "../../src/corpus/tokens/token-source.js";
import type { TokenizeOptions } from "../../src/corpus/tokens/tokenize-options.js";
import { hashBytes } from "../../src/files/hash.js";
import { temporaryFolder } from "../temporary-folder.js";
import { encodeBytes, messageOf, newFolder, tokenized } from "./corpus-fixtures.js";

const root = temporaryFolder();
// A batch has 2^18 characters.
const texts = Array.from({ length: 40 }, (_, i) => `${i} `.repeat(15_000 + 997 * (i % 7)));
const segmented = { segmentTokens: 400_000 };

function bytesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder)
    .filter((name) => name !== "journal.jsonl")
    .sort();
  return Object.fromEntries(names.map((name) => [name, hashBytes(readFileSync(join(folder, name)))]));
}

/** Encodes with the byte tokenizer, each call after a different delay; fails at call number `failingCall`, from 0. */
function slowEncode(failingCall = Infinity): TokenizeOptions["encode"] {
  let calls = 0;
  return async (batch) => {
    const call = calls++;
    await new Promise((resolve) => setTimeout(resolve, (call * 7) % 5));
    if (call === failingCall) throw new Error("killed");
    return encodeBytes(batch);
  };
}

describe("tokenizing", () => {
  test("gives the same bytes for any number of concurrent calls, in whatever order they end", async () => {
    const alone = newFolder(root);
    const manifest = await tokenized(alone, texts, segmented);
    expect(manifest.segments.length).toBeGreaterThan(2);
    for (const callsAtOnce of [2, 5]) {
      const folder = newFolder(root);
      expect(await tokenized(folder, texts, { ...segmented, callsAtOnce, encode: slowEncode() })).toEqual(manifest);
      expect(bytesOf(folder)).toEqual(bytesOf(alone));
    }
  });

  test("encodes at most one batch of characters per concurrent call, or one longer document alone", async () => {
    const batchCharacters = 2 ** 18;
    const lengths = [3, 0.2, 0.3, 0.4, 1.5, 1.5, 5, 0.1, 0.9, 0.9, 0.9, 0.9, 2.5].map(
      (share) => share * batchCharacters,
    );
    let [running, calls, maxRunning, maxCalls] = [0, 0, 0, 0];
    const encode: TokenizeOptions["encode"] = async (batch) => {
      const size = batch.reduce((sum, { parts }) => sum + parts.join("").length, 0);
      [running, calls] = [running + size, calls + 1];
      if (size < 4 * batchCharacters) maxRunning = Math.max(maxRunning, running);
      else expect(running).toBe(size);
      maxCalls = Math.max(maxCalls, calls);
      await new Promise((resolve) => setTimeout(resolve, 2));
      [running, calls] = [running - size, calls - 1];
      return encodeBytes(batch);
    };
    await tokenized(
      newFolder(root),
      lengths.map((length, i) => String(i % 10).repeat(length)),
      { callsAtOnce: 4, encode },
    );
    expect(maxCalls).toBe(4);
    expect(maxRunning).toBeLessThanOrEqual(4 * batchCharacters);
  });

  test("resumes after the last complete segment and produces the same bytes", async () => {
    const whole = newFolder(root);
    const manifest = await tokenized(whole, texts, segmented);
    for (const failingCall of [0, 1, 2, 4, 6]) {
      const folder = newFolder(root);
      await expect(tokenized(folder, texts, { ...segmented, encode: slowEncode(failingCall) })).rejects.toThrow(
        "killed",
      );
      // A crash may cut the last line of the journal short.
      appendFileSync(join(folder, "journal.jsonl"), '{"segment":{"fi');
      let encoded = 0;
      const counting: TokenizeOptions["encode"] = (batch) => {
        encoded += batch.length;
        return slowEncode()(batch);
      };
      expect(await tokenized(folder, texts, { ...segmented, encode: counting })).toEqual(manifest);
      expect(bytesOf(folder)).toEqual(bytesOf(whole));
      expect(encoded < texts.length).toBe(failingCall >= 2);
    }
  });

  test("repeats a segment whose file is missing", async () => {
    const folder = newFolder(root);
    const manifest = await tokenized(folder, texts, segmented);
    const before = bytesOf(folder);
    rmSync(join(folder, "segment-1.starts"));
    expect(await tokenized(folder, texts, segmented)).toEqual(manifest);
    expect(bytesOf(folder)).toEqual(before);
  });

  test("stops when the signal aborts, and keeps finished segments", async () => {
    const folder = newFolder(root);
    const stop = new AbortController();
    const message = await messageOf(
      () =>
        tokenized(folder, texts, {
          ...segmented,
          signal: stop.signal,
          onProgress: ({ tokens }) => tokens > 1_000_000 && stop.abort(),
        }),
      folder,
    );
    expect(message).toBe(
      "CorpusError: FOLDER — expected to tokenize all documents, got an interruption.\n" +
        "  Finished segments are kept: run the same command again to continue.",
    );
    expect(readdirSync(folder).filter((name) => name.endsWith(".tokens"))).toEqual([
      "segment-0.tokens",
      "segment-1.tokens",
    ]);
  });

  test("a limit in tokens selects the longest prefix of whole documents that fits", async () => {
    const short = ["aaaa", "bb", "cccccc", "d"];
    const count = async (tokens: number) =>
      (
        await tokenized(newFolder(root), short, {
          data: { holdOut: { share: 0, seed: 1 }, duplicates: "keep", limit: { tokens } },
        })
      ).documents;
    expect([
      await count(6),
      await count(9),
      await count(10),
      await count(17),
      await count(18),
      await count(99),
    ]).toEqual([1, 1, 2, 2, 3, 4]);
    expect(await messageOf(() => count(5), root)).toMatch(/expected at least one document, got none/);
  });
});

describe("segments", () => {
  test("are cut into shards as one data set", async () => {
    const [parts, whole] = [newFolder(root), newFolder(root)];
    await tokenized(parts, texts, { segmentTokens: 1 });
    await tokenized(whole, texts);
    const shards = async (source: string) => {
      const folder = newFolder(root);
      const manifest = await cutShards({ sources: [source], shards: 3, seed: 2, folder });
      await verifyShards(folder);
      return manifest.shards;
    };
    expect(await shards(parts)).toEqual(await shards(whole));
  });

  test.skipIf(process.platform !== "linux")("are closed again if a later one is damaged", async () => {
    const folder = newFolder(root);
    const { segments } = await tokenized(folder, texts, { segmentTokens: 1 });
    expect(segments.length).toBeGreaterThan(1);
    const descriptors = () => readdirSync("/proc/self/fd").length;
    truncateSync(join(folder, segments[segments.length - 1].file), 0);
    const before = descriptors();
    for (let i = 0; i < 20; i++) expect(() => openTokenSource(folder)).toThrow(/ — expected \d+ bytes, got 0\./);
    expect(descriptors() - before).toBeLessThan(10);
  });

  test("with documents that their hashes mark as held out are refused", async () => {
    const folder = newFolder(root);
    await tokenized(folder, ["a", "b", "c"]);
    const path = join(folder, "manifest.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as { minDraw: number };
    writeFileSync(path, JSON.stringify({ ...manifest, holdOut: { share: 1, seed: 1 } }));
    expect(await messageOf(() => openTokenSource(folder), folder)).toMatch(
      /^CorpusError: FOLDER\/segment-0\.hashes — expected documents with a draw of at least 1, got document 0 with a draw of 0\.\d+\.\n/,
    );
    expect(manifest.minDraw).toBeGreaterThan(0);
  });
});

describe("loss on completions", () => {
  const parts = [
    ["Q: 1+1?", " 2"],
    ["Q: who?", " me and you"],
    ["Q: why?", " x"],
  ];

  test("only the completion's tokens and EOS are targets; ids and sizes do not change", async () => {
    const reader = async (lossOn: "all" | "completions", T: number) => {
      const [source, folder] = [newFolder(root), newFolder(root)];
      await tokenized(source, parts, { lossOn });
      await cutShards({ sources: [source], shards: 1, seed: 1, folder });
      await verifyShards(folder);
      return openShards(folder, [0], T);
    };
    for (const T of [4, 7, 12]) {
      const [all, answers] = [await reader("all", T), await reader("completions", T)];
      const [a, b] = [all.batch(0, all.sequences), answers.batch(0, answers.sequences)];
      expect(b.ids).toEqual(a.ids);
      expect(b.firstVisible).toEqual(a.firstVisible);
      // A prompt ends with a question mark; EOS is 257.
      let inAnswer = false;
      const expected = a.targets.map((target, n) => {
        if (a.ids[n] === 256) inAnswer = false;
        if (a.ids[n] === 63) inAnswer = true;
        return inAnswer ? target : -1;
      });
      expect([...b.targets]).toEqual([...expected]);
      expect([...b.targets]).toContain(257);
    }
  });

  test("combined with a data set that is predicted as a whole, each keeps its mask", async () => {
    const [a, b, folder] = [newFolder(root), newFolder(root), newFolder(root)];
    await tokenized(a, parts, { lossOn: "completions" });
    await tokenized(b, ["whole text"]);
    const { shards } = await cutShards({ sources: [a, b], shards: 2, seed: 1, folder });
    await verifyShards(folder);
    const flags = Buffer.concat(shards.map(({ mask }) => readFileSync(join(folder, mask ?? "")))).reduce(
      (sum, flag) => sum + flag,
      0,
    );
    expect(flags).toBe(parts.reduce((sum, [, answer]) => sum + answer.length + 1, 0) + "whole text".length + 2);
  });
});
