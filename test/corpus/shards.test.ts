import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eosToken, partsEncoder } from "../../src/corpus/tokens/encode-documents.js";
import { decodeNumbers } from "../../src/files/number-file.js";
import { cutShards, verifyShards, type ShardManifest } from "../../src/corpus/shards/shards.js";
import { temporaryFolder } from "../temporary-folder.js";
import {
  byteTokenizer,
  dataOf,
  messageOf,
  newFolder,
  numberedTexts,
  tokenized,
  tokenizedData,
} from "./corpus-fixtures.js";

const root = temporaryFolder();

async function cut(sources: readonly (readonly string[])[], shards: number, seed: number) {
  const folders: string[] = [];
  for (const texts of sources) {
    folders.push(newFolder(root));
    await tokenized(folders.at(-1) as string, texts);
  }
  const folder = newFolder(root);
  return { folder, manifest: await cutShards({ sources: folders, shards, seed, folder }) };
}

/** The texts of a shard, decoded from its files. */
function textsOf(folder: string, { file, starts }: ShardManifest["shards"][number]): string[] {
  const ids = decodeNumbers(new Uint8Array(readFileSync(join(folder, file))), 2);
  const bounds = decodeNumbers(new Uint8Array(readFileSync(join(folder, starts))), 8);
  return Array.from(bounds.slice(0, -1), (from, i) =>
    byteTokenizer().decode(Array.from(ids.subarray(from, bounds[i + 1]))),
  );
}

const numbered = (count: number, prefix = "") =>
  Array.from({ length: count }, (_, i) => `${prefix}${"x".repeat((i * 37) % 50)}${i}`);

describe("shards", () => {
  test("are disjoint and complete for any documents and any P", async () => {
    const document = fc.string({ unit: "grapheme", maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { minLength: 4, maxLength: 40 }),
        fc.array(document, { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        async (a, b, P, seed) => {
          const { folder, manifest } = await cut([a, b], P, seed);
          await verifyShards(folder);
          const texts = manifest.shards.flatMap((shard) => textsOf(folder, shard));
          expect(texts.sort()).toEqual([...a, ...b].sort());
          expect(manifest.shards.every(({ documents }) => documents > 0)).toBe(true);
        },
      ),
      { seed: 3, numRuns: 15 },
    );
  });

  test("have the same number of tokens, up to half a document at either end", async () => {
    const { manifest } = await cut([numbered(300)], 4, 1);
    const longest = 50 + 3 + 2;
    for (const { tokens } of manifest.shards)
      expect(Math.abs(tokens - manifest.tokens / 4)).toBeLessThanOrEqual(longest);
  });

  test("have the same bytes for the same seed, and another order for another seed", async () => {
    const bytes = ({ folder }: { folder: string }) =>
      readdirSync(folder)
        .sort()
        .map((name) => [name, readFileSync(join(folder, name), "hex")]);
    const first = await cut([numbered(50), numbered(20, "b")], 3, 9);
    expect(bytes(await cut([numbered(50), numbered(20, "b")], 3, 9))).toEqual(bytes(first));
    expect((await cut([numbered(50), numbered(20, "b")], 3, 10)).manifest.order).not.toBe(first.manifest.order);
  });
});

describe("verifyShards catches", () => {
  async function broken(
    change: (manifest: { -readonly [K in keyof ShardManifest]: any }, folder: string) => void,
  ): Promise<string> {
    const { folder } = await cut([["aa", "bb", "cc", "dd"]], 2, 1);
    const path = join(folder, "manifest.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as ShardManifest;
    change(manifest, folder);
    writeFileSync(path, JSON.stringify(manifest));
    return messageOf(() => verifyShards(folder), folder);
  }
  const hint = "\n  The file is damaged: remove the folder that holds it and run again.";

  test("a document that was dropped", async () => {
    const message = await broken((manifest) => {
      manifest.shards[1].documents -= 1;
      manifest.shards[1].tokens -= 4;
    });
    expect(message).toBe(`CorpusError: FOLDER/manifest.json — expected 4 documents in all shards, got 3.${hint}`);
  });

  test("a shard in place of another", async () => {
    const message = await broken((manifest) => (manifest.shards[1] = manifest.shards[0]));
    expect(message).toMatch(
      /^CorpusError: FOLDER\/shard-0\.members — expected each document in one shard, got document \d twice\.\n/,
    );
  });

  test("another order", async () => {
    const message = await broken((manifest) => manifest.shards.reverse());
    expect(message).toMatch(
      /^CorpusError: FOLDER\/manifest\.json — expected order [0-9a-f]{16}…, got [0-9a-f]{16}…\.\n/,
    );
  });

  test("a truncated shard", async () => {
    const message = await broken((_, folder) => truncateSync(join(folder, "shard-1.tokens"), 10));
    expect(message).toBe(`CorpusError: FOLDER/shard-1.tokens — expected 16 bytes, got 10.${hint}`);
  });

  test("a shard with one changed byte", async () => {
    const message = await broken((_, folder) => {
      const bytes = readFileSync(join(folder, "shard-0.tokens"));
      bytes[2] ^= 1;
      writeFileSync(join(folder, "shard-0.tokens"), bytes);
    });
    expect(message).toMatch(
      /^CorpusError: FOLDER\/shard-0\.tokens — expected SHA-256 [0-9a-f]{16}…, got [0-9a-f]{16}…\.\n/,
    );
  });

  test("a missing manifest", async () => {
    expect(await messageOf(() => verifyShards(root), root)).toBe(
      `CorpusError: FOLDER/manifest.json — expected a manifest, got no file.${hint}`,
    );
  });
});

describe("messages", () => {
  test("fewer documents than shards", async () => {
    expect(await messageOf(() => cut([["a", "b"]], 3, 1), root)).toMatch(
      /^CorpusError: FOLDER\/\d+ — expected at least 3 documents for 3 shards, got 2\.\n {2}Lower `shards`, or use more documents; `separator` splits one \.txt file into several\.$/,
    );
  });

  test("two tokenizers", async () => {
    const [a, b, folder] = [newFolder(root), newFolder(root), newFolder(root)];
    await tokenized(a, ["a"]);
    await tokenized(b, ["b"], { vocabSize: 70000 });
    expect(await messageOf(() => cutShards({ sources: [a, b], shards: 1, seed: 1, folder }), root)).toBe(
      `CorpusError: ${b.replace(root, "FOLDER")} — expected a vocabulary of 258 tokens, as in ` +
        `${a.replace(root, "FOLDER")}, got 70000.\n` +
        "  Tokenize all data sets with the same tokenizer.",
    );
  });

  test("data sets that hold out another share, or with another seed", async () => {
    const set = async (share: number, seed: number) => {
      const folder = newFolder(root);
      await tokenizedData(folder, dataOf(root, numberedTexts(40), { holdOut: { share, seed } }));
      return folder;
    };
    const [a, b, c, folder] = [await set(0.1, 1), await set(0.2, 1), await set(0.1, 2), newFolder(root)];
    const message = (other: string) =>
      messageOf(() => cutShards({ sources: [a, other], shards: 1, seed: 1, folder }), root);
    const at = (path: string) => path.replace(root, "FOLDER");
    const hint = "  Tokenize all data sets with the same share and seed, so that no held-out document is trained on.";
    expect(await message(b)).toBe(
      `CorpusError: ${at(b)} — expected a hold-out share of 0.1 with seed 1, as in ${at(a)}, ` +
        `got a hold-out share of 0.2 with seed 1.\n${hint}`,
    );
    expect(await message(c)).toBe(
      `CorpusError: ${at(c)} — expected a hold-out share of 0.1 with seed 1, as in ${at(a)}, ` +
        `got a hold-out share of 0.1 with seed 2.\n${hint}`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test("no document, and no EOS token; no file is left in the folder", async () => {
    const folder = newFolder(root);
    expect(await messageOf(() => tokenized(folder, []), folder)).toBe(
      "CorpusError: FOLDER — expected at least one document, got none.\n" +
        "  Check the files of the data set; if it has few documents, lower `holdOut`.",
    );
    expect(await messageOf(() => eosToken({ eosIds: [] }, folder), folder)).toBe(
      "CorpusError: FOLDER — expected a tokenizer with an EOS token, to separate documents, got one without.\n" +
        '  Set "eos_token" in tokenizer_config.json next to tokenizer.json.',
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("ids above 65535 take four bytes each", async () => {
  const folder = newFolder(root);
  const encode = partsEncoder(async () => [Int32Array.of(97)], [256], 69999);
  const { tokenBytes, segments } = await tokenized(folder, ["a"], { vocabSize: 70000, encode });
  expect(tokenBytes).toBe(4);
  expect([...decodeNumbers(new Uint8Array(readFileSync(join(folder, segments[0].file))), 4)]).toEqual([256, 97, 69999]);
});
