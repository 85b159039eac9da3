import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeNumbers, encodeNumbers } from "../../src/files/number-file.js";
import { cutShards, verifyShards, type ShardManifest } from "../../src/corpus/shards/shards.js";
import { hashDocument } from "../../src/corpus/documents/split.js";
import { readManifest, type TokenManifest } from "../../src/corpus/tokens/token-manifest.js";
import type { TokenizeOptions } from "../../src/corpus/tokens/tokenize-options.js";
import type { TrainingData } from "../../src/corpus/documents/training-documents.js";
import { hashBytes } from "../../src/files/hash.js";
import { temporaryFolder } from "../temporary-folder.js";
import {
  byteTokenizer,
  dataOf,
  encodeBytes,
  isTextHeldOut,
  messageOf,
  newFolder,
  numberedTexts,
  tokenizedData,
} from "./corpus-fixtures.js";

const root = temporaryFolder();
const holdOut = (share: number) => ({ share, seed: 1 });

async function tokens(texts: readonly string[], options: Partial<TrainingData> = {}): Promise<string> {
  const folder = newFolder(root);
  await tokenizedData(folder, dataOf(root, texts, options));
  return folder;
}

/** The texts of all shards, decoded from their token files. */
function textsIn(folder: string, { shards }: ShardManifest): string[] {
  return shards.flatMap(({ file }) => {
    const ids = [...decodeNumbers(new Uint8Array(readFileSync(join(folder, file))), 2)];
    return byteTokenizer()
      .decode(ids.map((id) => (id === 257 ? 0 : id)))
      .split("\0")
      .slice(0, -1);
  });
}

async function cut(sources: readonly string[], shards = 2) {
  const folder = newFolder(root);
  const manifest = await cutShards({ sources, shards, seed: 5, folder });
  await verifyShards(folder);
  return { folder, manifest, texts: textsIn(folder, manifest) };
}

describe("a text that is held out in one data set is trained on in none", () => {
  const shared = numberedTexts(400);
  const [first, second] = [
    [...numberedTexts(150, 1000), ...shared],
    [...shared, ...numberedTexts(150, 2000)],
  ];
  const trained = (texts: readonly string[], share: number) => texts.filter((text) => !isTextHeldOut(text, share));

  test("two data sets that share texts hold out the same ones, in one training or in two", async () => {
    const options = { holdOut: holdOut(0.2) };
    const [a, b] = [await tokens(first, options), await tokens(second, options)];
    const { folder, manifest, texts } = await cut([a, b]);
    expect(texts.sort()).toEqual([...trained(first, 0.2), ...trained(second, 0.2)].sort());
    expect(manifest.holdOut).toEqual({ share: 0.2, seed: 1 });
    expect(readdirSync(folder).filter((name) => name.endsWith(".hashes"))).toEqual(["documents.hashes"]);
    const sharedOf = async (source: string) =>
      (await cut([source])).texts.filter((text) => shared.includes(text)).sort();
    expect(await sharedOf(a)).toEqual(await sharedOf(b));
    expect(shared.length - (await sharedOf(a)).length).toBeGreaterThan(50);
  });

  test("whether it comes from a field or from a template", async () => {
    const pairs = shared.map((text) => ({ question: `${text}?`, answer: text.length }));
    const rendered = pairs.map(({ question, answer }) => `Question: ${question}\nAnswer: ${answer}`);
    const path = join(newFolder(root), "pairs.jsonl");
    writeFileSync(path, pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(""));
    const folder = newFolder(root);
    const text = { prompt: "Question: {question}\nAnswer:", completion: " {answer}" };
    const options = dataOf(root, [], { holdOut: holdOut(0.4) });
    await tokenizedData(folder, { ...options, source: { files: [path], text } });
    const fromTemplate = (await cut([folder])).texts.sort();
    expect((await cut([await tokens(rendered, { holdOut: holdOut(0.4) })])).texts.sort()).toEqual(fromTemplate);
    expect(fromTemplate).toEqual(trained(rendered, 0.4).sort());
  });

  test("for any data sets, shares, limits and duplicates", async () => {
    const text = fc.integer({ min: 0, max: 40 }).map((i) => `text ${i}`);
    const set = fc.record({
      texts: fc.array(text, { minLength: 12, maxLength: 60 }),
      duplicates: fc.constantFrom("keep" as const, "remove" as const),
      limit: fc.constantFrom(null, { documents: 8 }, { bytes: 60 }, { tokens: 70 }),
    });
    let heldOut = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(set, { minLength: 2, maxLength: 4 }),
        fc.constantFrom(0, 0.1, 0.3, 0.5),
        fc.integer({ min: 1, max: 2 }),
        async (sets, share, P) => {
          for (const { texts } of sets) fc.pre(trained(texts, share).length >= P);
          const folders: string[] = [];
          for (const { texts, ...options } of sets)
            folders.push(await tokens(texts, { ...options, holdOut: holdOut(share) }));
          const inShards = (await cut(folders, P)).texts;
          expect(inShards.filter((one) => isTextHeldOut(one, share))).toEqual([]);
          heldOut += sets.flatMap(({ texts }) => texts).length - inShards.length;
          if (sets.every(({ limit, duplicates }) => limit === null && duplicates === "keep"))
            expect(inShards.sort()).toEqual(sets.flatMap(({ texts }) => trained(texts, share)).sort());
        },
      ),
      { seed: 11, numRuns: 15 },
    );
    expect(heldOut).toBeGreaterThan(20);
  });
});

describe("verifyShards catches", () => {
  type Changed = { -readonly [K in keyof ShardManifest]: any };

  /** Cuts data sets of 40 and 60 documents, of which few are held out, then changes the manifest or the files. */
  async function broken(change: (manifest: Changed, folder: string) => void): Promise<string> {
    const options = { holdOut: holdOut(0.1) };
    const sources = [await tokens(numberedTexts(40), options), await tokens(numberedTexts(60, 40), options)];
    const { folder, manifest } = await cut(sources);
    const changed = structuredClone(manifest) as Changed;
    change(changed, folder);
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(changed));
    return messageOf(() => verifyShards(folder), folder);
  }
  /** Replaces the hashes in the file. @returns their SHA-256 */
  function rewrite(folder: string, change: (words: number[]) => number[]): string {
    const path = join(folder, "documents.hashes");
    const bytes = encodeNumbers(change([...decodeNumbers(new Uint8Array(readFileSync(path)), 4)]), 4);
    writeFileSync(path, bytes);
    return hashBytes(bytes);
  }
  const hint = "\n  The file is damaged: remove the folder that holds it and run again.";

  test("a document in a shard whose text is held out", async () => {
    const trained = numberedTexts(40).filter((text) => !isTextHeldOut(text, 0.1));
    const planted = trained.findIndex((text) => isTextHeldOut(text, 0.3));
    expect(planted).toBeGreaterThanOrEqual(0);
    expect(await broken((manifest) => void (manifest.holdOut.share = 0.3))).toBe(
      "CorpusError: FOLDER/documents.hashes — expected documents with a draw of at least 0.3, " +
        `got document ${planted} of source 0.${hint}`,
    );
  });

  test("a document in a shard that is held out for searches of λ", async () => {
    const trained = numberedTexts(40).filter((text) => !isTextHeldOut(text, 0.1));
    const planted = trained.findIndex((text) => isTextHeldOut(text, 0.3));
    expect(await broken((manifest) => void (manifest.holdOut.search = 0.2))).toBe(
      "CorpusError: FOLDER/documents.hashes — expected documents with a draw of at least 0.3, " +
        `got document ${planted} of source 0.${hint}`,
    );
  });

  test("a held-out document in place of another", async () => {
    const text = numberedTexts(40).find((one) => isTextHeldOut(one, 0.1)) ?? "";
    const { high, low } = hashDocument(text, 1);
    const last = numberedTexts(60, 40).filter((one) => !isTextHeldOut(one, 0.1)).length - 1;
    const message = await broken((manifest, folder) => {
      manifest.hashesSha256 = rewrite(folder, (words) => [...words.slice(0, -2), high, low]);
    });
    expect(message).toBe(
      "CorpusError: FOLDER/documents.hashes — expected documents with a draw of at least 0.1, " +
        `got document ${last} of source 1.${hint}`,
    );
  });

  test("truncated or changed hashes", async () => {
    expect(await broken((_, folder) => void rewrite(folder, (words) => words.slice(2)))).toMatch(
      /^CorpusError: FOLDER\/documents\.hashes — expected \d+ bytes, got \d+\.\n/,
    );
    expect(await broken((_, folder) => void rewrite(folder, (words) => [2 ** 31, 1, ...words.slice(2)]))).toMatch(
      /^CorpusError: FOLDER\/documents\.hashes — expected SHA-256 [0-9a-f]{16}…, got [0-9a-f]{16}…\.\n/,
    );
  });
});

describe("tokenizing", () => {
  const texts = numberedTexts(700);

  test.each<readonly [string, TrainingData["limit"]]>([
    ["its end", null],
    ["bytes", { bytes: 1200 }],
    ["documents", { documents: 100 }],
    ["tokens", { tokens: 1400 }],
  ])("up to %s counts held-out documents before the limit, equal ones separately", async (_, limit) => {
    const folder = newFolder(root);
    const manifest = await tokenizedData(folder, dataOf(root, [...texts, ...texts], { holdOut: holdOut(0.3), limit }));
    const read = [...texts, ...texts];
    const kept = read.filter((text) => !isTextHeldOut(text, 0.3)).slice(0, manifest.documents);
    const next = read.filter((text) => !isTextHeldOut(text, 0.3))[manifest.documents];
    const upTo = next === undefined ? read.length : read.indexOf(next);
    expect(manifest.heldOut).toBe(read.slice(0, upTo).filter((text) => isTextHeldOut(text, 0.3)).length);
    expect(manifest.textBytes).toBe(kept.join("").length);
    if (limit !== null) expect(Math.abs(manifest.documents - 100)).toBeLessThan(15);
  });

  test("counts bad records at the end once if it is killed before it writes the manifest", async () => {
    const options = dataOf(root, [], { holdOut: holdOut(0.3), maxBadRecords: 2 });
    const path = "files" in options.source ? options.source.files[0] : "";
    writeFileSync(path, [...texts.map((text) => JSON.stringify({ text })), "{", '{"text":1}', ""].join("\n"));
    const folder = newFolder(root);
    const manifest = await tokenizedData(folder, options);
    rmSync(join(folder, "manifest.json"));
    expect(await tokenizedData(folder, options)).toEqual(manifest);
    expect(readManifest<TokenManifest>(folder).skipped).toBe(2);
  });
});

describe("tokenizing that is interrupted anywhere produces the same bytes", () => {
  // A batch has 2^18 characters.
  const long = Array.from({ length: 30 }, (_, i) => `${i} `.repeat(20_000 + 997 * (i % 7)));
  const texts = [...long, ...numberedTexts(3000)];
  const bytesOf = (folder: string) =>
    readdirSync(folder)
      .filter((name) => name !== "journal.jsonl")
      .sort()
      .map((name) => [name, hashBytes(readFileSync(join(folder, name)))]);

  test.each<readonly [string, TrainingData["limit"]]>([
    ["its end", null],
    ["bytes", { bytes: 800_000 }],
    ["documents", { documents: 13 }],
    ["tokens", { tokens: 800_000 }],
  ])("up to %s", async (_, limit) => {
    const options = dataOf(root, texts, { holdOut: holdOut(0.5), limit });
    const whole = newFolder(root);
    const manifest = await tokenizedData(whole, options, { segmentTokens: 150_000 });
    expect(manifest.heldOut).toBeGreaterThan(5);
    expect(manifest.segments.length).toBeGreaterThan(2);
    let stops = 0;
    for (; stops < 30; stops++) {
      const folder = newFolder(root);
      const ended = await stopAfter(folder, options, stops);
      expect(ended ?? (await tokenizedData(folder, options, { segmentTokens: 150_000 }))).toEqual(manifest);
      expect(bytesOf(folder)).toEqual(bytesOf(whole));
      if (ended) break;
    }
    expect(stops).toBeGreaterThanOrEqual(3);
  });

  /** Stops after batch number `lastBatch`, from 0. @returns null if it was stopped */
  async function stopAfter(folder: string, options: TrainingData, lastBatch: number): Promise<TokenManifest | null> {
    let batches = 0;
    const onProgress = () => {
      if (batches++ === lastBatch) throw new Error("killed");
    };
    const encode: TokenizeOptions["encode"] = async (batch) => {
      await new Promise((resolve) => setTimeout(resolve, batches % 3));
      return encodeBytes(batch);
    };
    try {
      return await tokenizedData(folder, options, { segmentTokens: 150_000, onProgress, encode, callsAtOnce: 3 });
    } catch (error) {
      expect((error as Error).message).toBe("killed");
      return null;
    }
  }
});
