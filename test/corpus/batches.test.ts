import { truncateSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openShards } from "../../src/corpus/shards/batches.js";
import { cutShards } from "../../src/corpus/shards/shards.js";
import { temporaryFolder } from "../temporary-folder.js";
import { messageOf, newFolder, tokenized } from "./corpus-fixtures.js";

const root = temporaryFolder();

async function shardsOf(texts: readonly string[], shards: number): Promise<string> {
  const [source, folder] = [newFolder(root), newFolder(root)];
  await tokenized(source, texts);
  await cutShards({ sources: [source], shards, seed: 4, folder });
  return folder;
}

/** The whole stream, read with T = 1, which yields every token but the last. The last id is always 257. */
function streamOf(folder: string, indices: readonly number[]): number[] {
  const reader = openShards(folder, indices, 1);
  return [...reader.batch(0, reader.sequences).ids, 257];
}

const texts = Array.from({ length: 40 }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat((i * 7) % 23));

describe("batches", () => {
  test("ids are the stream, targets the next token in the document, positions see only their document", async () => {
    const folder = await shardsOf(texts, 3);
    await fc.assert(
      fc.property(fc.subarray([0, 1, 2], { minLength: 1 }), fc.integer({ min: 1, max: 60 }), (indices, T) => {
        const stream = streamOf(folder, indices);
        const reader = openShards(folder, indices, T);
        expect(reader.sequences).toBe(Math.floor((stream.length - 1) / T));
        const { ids, targets, firstVisible } = reader.batch(0, reader.sequences);
        for (let n = 0; n < reader.sequences * T; n++) {
          const start = stream.lastIndexOf(256, n);
          expect(ids[n]).toBe(stream[n]);
          expect(targets[n]).toBe(stream[n + 1] === 256 ? -1 : stream[n + 1]);
          expect(firstVisible[n]).toBe(Math.max(0, start - (n - (n % T))));
        }
      }),
      { seed: 5, numRuns: 25 },
    );
  });

  test("the stream of all shards is their concatenation, with every document once", async () => {
    const folder = await shardsOf(texts, 3);
    const parts = [0, 1, 2].flatMap((index) => streamOf(folder, [index]));
    expect(streamOf(folder, [0, 1, 2])).toEqual(parts);
    const read = parts
      .map((id) => (id < 256 ? String.fromCharCode(id) : id === 257 ? "\n" : ""))
      .join("")
      .split("\n")
      .slice(0, -1);
    expect(read.sort()).toEqual([...texts].sort());
  });

  test("a batch does not depend on earlier reads, and sequences start over at the end", async () => {
    const folder = await shardsOf(texts, 2);
    const T = 8;
    const sequential = openShards(folder, [0, 1], T);
    const rows = Array.from({ length: sequential.sequences }, (_, s) => sequential.batch(s, 1));
    const jumping = openShards(folder, [0, 1], T);
    for (const s of [5, 0, sequential.sequences - 1, 17, 3 * sequential.sequences + 2, 5]) {
      const { ids, targets, firstVisible } = jumping.batch(s, 3);
      for (let b = 0; b < 3; b++) {
        const row = rows[(s + b) % rows.length];
        expect(ids.slice(b * T, (b + 1) * T)).toEqual(row.ids);
        expect(targets.slice(b * T, (b + 1) * T)).toEqual(row.targets);
        expect(firstVisible.slice(b * T, (b + 1) * T)).toEqual(row.firstVisible);
      }
    }
  });

  test("streams longer than the window are read correctly across its borders", async () => {
    const long = Array.from({ length: 9 }, (_, i) => String.fromCharCode(97 + i).repeat(10_000 + i));
    const folder = await shardsOf(long, 2);
    const reader = openShards(folder, [0, 1], 1000);
    const { ids, targets } = reader.batch(0, reader.sequences);
    const counts = new Map<number, number>();
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    for (let n = 0; n + 1 < ids.length; n++)
      if (targets[n] !== (ids[n + 1] === 256 ? -1 : ids[n + 1])) expect.fail(`target ${n}`);
    const missing = reader.tokens - reader.sequences * 1000;
    const read = [...counts].filter(([id]) => id < 256).reduce((sum, [, count]) => sum + count, 0);
    expect(read).toBeGreaterThanOrEqual(90_036 - missing);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(10_008);
  });
});

describe("messages", () => {
  test("too few tokens", async () => {
    const folder = await shardsOf(["abc", "def"], 2);
    expect(await messageOf(() => openShards(folder, [1], 5), folder)).toBe(
      "CorpusError: FOLDER shard 1 — expected at least 6 tokens, for one sequence of 5 and its targets, got 5.\n" +
        "  Lower `sequenceLength`, or use more data.",
    );
    expect(openShards(folder, [1], 4).sequences).toBe(1);
  });

  test("a truncated shard, and one that does not exist", async () => {
    const folder = await shardsOf(["abc", "def"], 2);
    truncateSync(join(folder, "shard-0.starts"), 8);
    expect(await messageOf(() => openShards(folder, [1, 0], 2), folder)).toBe(
      "CorpusError: FOLDER/shard-0.starts — expected 16 bytes, got 8.\n" +
        "  The file is damaged: remove the folder that holds it and run again.",
    );
    expect(await messageOf(() => openShards(folder, [2], 2), folder)).toBe(
      "CorpusError: FOLDER — expected shards 0 to 1, got 2.\n  Cut the data into as many shards as there are parts.",
    );
  });
});
