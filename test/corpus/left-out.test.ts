import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeNumbers, encodeNumbers } from "../../src/files/number-file.js";
import { cutShards, verifyShards, type ShardManifest } from "../../src/corpus/shards/shards.js";
import { hashDocument } from "../../src/corpus/documents/split.js";
import { readManifest } from "../../src/corpus/tokens/token-manifest.js";
import type { TrainingData } from "../../src/corpus/documents/training-documents.js";
import { hashBytes } from "../../src/files/hash.js";
import { temporaryFolder } from "../temporary-folder.js";
import { byteTokenizer, dataOf, isTextHeldOut, messageOf, newFolder, numberedTexts, tokenizedData } from "./pieces.js";

const root = temporaryFolder();

async function tokens(texts: readonly string[], options: Partial<TrainingData> = {}): Promise<string> {
  const folder = newFolder(root);
  await tokenizedData(folder, dataOf(root, texts, options));
  return folder;
}

/** The texts in all shards, from their files alone. */
function textsIn(folder: string, { shards }: ShardManifest): string[] {
  return shards.flatMap(({ file }) => {
    const ids = [...decodeNumbers(new Uint8Array(readFileSync(join(folder, file))), 2)];
    return byteTokenizer()
      .decode(ids.map((id) => (id === 257 ? 0 : id)))
      .split("\0")
      .slice(0, -1);
  });
}

async function cut(sources: readonly string[], holding: readonly string[] = [], shards = 2) {
  const folder = newFolder(root);
  const manifest = await cutShards({ sources, holding, shards, seed: 5, folder });
  await verifyShards(folder);
  return { folder, manifest, texts: textsIn(folder, manifest) };
}

describe("no shard has what another data set holds out", () => {
  const shared = numberedTexts(400);
  const [first, second] = [
    [...numberedTexts(150, 1000), ...shared],
    [...shared, ...numberedTexts(150, 2000)],
  ];

  test("two sets that share texts, with shares of 0.05 and 0.3", async () => {
    const sources = [await tokens(first, { validation: 0.05 }), await tokens(second, { validation: 0.3 })];
    const { folder, manifest, texts } = await cut(sources);
    const kept = [
      ...first.filter((text) => !isTextHeldOut(text, 0.05) && !(isTextHeldOut(text, 0.3) && shared.includes(text))),
      ...second.filter((text) => !isTextHeldOut(text, 0.3)),
    ];
    expect(texts.sort()).toEqual(kept.sort());
    const leftOut = shared.filter((text) => !isTextHeldOut(text, 0.05) && isTextHeldOut(text, 0.3));
    expect(leftOut.length).toBeGreaterThan(50);
    // A token per byte, and the marks of begin and end.
    const leftOutTokens = leftOut.reduce((sum, text) => sum + text.length + 2, 0);
    expect(manifest.sources.map((source) => source.leftOut)).toEqual([
      { documents: leftOut.length, tokens: leftOutTokens },
      { documents: 0, tokens: 0 },
    ]);
    expect([manifest.documents, manifest.tokens]).toEqual([
      kept.length,
      kept.reduce((sum, text) => sum + text.length + 2, 0),
    ]);
    // Sources in another order: the same documents.
    expect((await cut([...sources].reverse())).texts.sort()).toEqual(texts);
    expect(readdirSync(folder).filter((name) => name.endsWith(".hashes"))).toEqual([
      "documents.hashes",
      "held-out.hashes",
    ]);
  });

  test("nor what a data set holds out that is not trained on, past its cut too", async () => {
    const source = await tokens(first, { validation: 0.05 });
    const holding = await tokens(second, { validation: 0.3, first: { documents: 5 }, heldOutPastCut: true });
    const { manifest, texts } = await cut([source], [holding]);
    expect(texts.sort()).toEqual(
      first.filter((text) => !isTextHeldOut(text, 0.05) && !(isTextHeldOut(text, 0.3) && shared.includes(text))).sort(),
    );
    expect(manifest.heldOut.sets.map(({ share }) => share)).toEqual([0.05, 0.3]);
  });

  test("equal shares leave nothing out, and the bytes of shards are those without the other set's list", async () => {
    const [a, b] = [await tokens(first, { validation: 0.2 }), await tokens(second, { validation: 0.2 })];
    const [alone, beside] = [await cut([a]), await cut([a], [b])];
    expect(beside.manifest.shards).toEqual(alone.manifest.shards);
    expect(beside.manifest.sources[0].leftOut).toEqual({ documents: 0, tokens: 0 });
  });

  test("a text is the same whether a field holds it or a template puts it together", async () => {
    const pairs = shared.map((text) => ({ question: `${text}?`, answer: text.length }));
    const rendered = pairs.map(({ question, answer }) => `Question: ${question}\nAnswer: ${answer}`);
    const options = dataOf(root, [], { validation: 0.4 });
    const path = join(newFolder(root), "pairs.jsonl");
    writeFileSync(path, pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(""));
    const folder = newFolder(root);
    const text = { template: "Question: {question}\nAnswer:", answer: " {answer}" };
    await tokenizedData(folder, { ...options, source: { files: [path], text } });
    const { texts } = await cut([await tokens(rendered, { validation: 0 })], [folder]);
    expect(texts.sort()).toEqual(rendered.filter((whole) => !isTextHeldOut(whole, 0.4)).sort());
  });

  test("for any data sets, shares, cuts and duplicates", async () => {
    const text = fc.integer({ min: 0, max: 40 }).map((i) => `text ${i}`);
    const set = fc.record({
      texts: fc.array(text, { minLength: 12, maxLength: 60 }),
      validation: fc.constantFrom(0, 0.1, 0.3, 0.5),
      duplicates: fc.constantFrom("keep" as const, "remove" as const),
      first: fc.constantFrom(null, { documents: 8 }, { bytes: 60 }, { tokens: 70 }),
      isTrained: fc.boolean(),
    });
    let leftOut = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(set, { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 1, max: 2 }),
        async (sets, P) => {
          fc.pre(sets.some(({ isTrained }) => isTrained));
          for (const { texts, validation } of sets) fc.pre(texts.some((one) => !isTextHeldOut(one, validation)));
          const folders: string[] = [];
          for (const { texts, ...options } of sets)
            folders.push(await tokens(texts, { ...options, heldOutPastCut: true }));
          const holds = (one: string) =>
            sets.some(({ texts, validation }) => isTextHeldOut(one, validation) && texts.includes(one));
          const chosen = (wanted: boolean) => folders.filter((_, i) => sets[i].isTrained === wanted);
          const folder = newFolder(root);
          const message = await messageOf(
            () => cutShards({ sources: chosen(true), holding: chosen(false), shards: P, seed: 5, folder }),
            folder,
          );
          // Where hardly anything is left.
          fc.pre(!message.includes(`at least ${P} documents for ${P} shards`));
          expect(message).toBe("no error");
          await verifyShards(folder);
          const manifest = readManifest<ShardManifest>(folder);
          expect(textsIn(folder, manifest).filter(holds)).toEqual([]);
          leftOut += manifest.sources.reduce((sum, source) => sum + source.leftOut.documents, 0);
        },
      ),
      { seed: 11, numRuns: 15 },
    );
    expect(leftOut).toBeGreaterThan(20);
  });
});

describe("verifyShards catches", () => {
  type Changed = { -readonly [K in keyof ShardManifest]: any };

  /** Cuts two data sets and breaks the shards: 40 documents, and 60 of which about half are held out. */
  async function broken(change: (manifest: Changed, folder: string) => void): Promise<string> {
    const sources = [await tokens(numberedTexts(40)), await tokens(numberedTexts(60), { validation: 0.5 })];
    const { folder, manifest } = await cut(sources);
    const changed = structuredClone(manifest) as Changed;
    change(changed, folder);
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(changed));
    return messageOf(() => verifyShards(folder), folder);
  }
  /** Writes hashes in place of a file's, with a SHA-256 that fits. */
  function rewrite(folder: string, name: string, change: (words: number[]) => number[]): string {
    const bytes = encodeNumbers(change([...decodeNumbers(new Uint8Array(readFileSync(join(folder, name))), 4)]), 4);
    writeFileSync(join(folder, name), bytes);
    return hashBytes(bytes);
  }
  const hint = "\n  The file is damaged: remove the folder that holds it and run again.";

  test("a document in a shard that another data set turns out to hold out", async () => {
    const number = numberedTexts(40).findIndex((text) => !isTextHeldOut(text, 0.5) && isTextHeldOut(text, 0.9));
    const own = hashDocument(`document ${number}`, 1);
    const message = await broken((manifest, folder) => {
      manifest.heldOut.sha256 = rewrite(folder, "held-out.hashes", (words) => [...words, own.high, own.low]);
      manifest.heldOut.sets.push({ share: 0.9, seed: 1, heldOut: 1, isComplete: true, leastDraw: 1 });
    });
    expect(message).toBe(
      `CorpusError: FOLDER/documents.hashes — expected no document in a shard that a data set holds out, got document ${number} of source 0.${hint}`,
    );
  });

  test("a document in no shard that no data set holds out", async () => {
    const message = await broken((manifest, folder) => {
      manifest.heldOut.sha256 = rewrite(folder, "held-out.hashes", (words) => [...words.slice(2), 0, 1]);
    });
    expect(message).toMatch(
      /^CorpusError: FOLDER\/documents\.hashes — expected each document in a shard that no data set holds out, got none with document \d+ of source 0\.\n/,
    );
  });

  test("a document in a shard that its own data set holds out by its draw", async () => {
    const message = await broken((manifest, folder) => {
      manifest.hashesSha256 = rewrite(folder, "documents.hashes", (words) => [...words.slice(0, -2), 0, 1]);
    });
    expect(message).toMatch(
      /^CorpusError: FOLDER\/documents\.hashes — expected documents drawn at 0\.5 or above, got document \d+ of source 1\.\n/,
    );
  });

  test("a list with a document that is not held out by its draw", async () => {
    const message = await broken((manifest, folder) => {
      manifest.heldOut.sha256 = rewrite(folder, "held-out.hashes", (words) => [...words.slice(0, -2), 2 ** 32 - 1, 1]);
    });
    expect(message).toMatch(
      /^CorpusError: FOLDER\/held-out\.hashes — expected documents drawn below 0\.5, got document \d+ of data set 1\.\n/,
    );
  });

  test("a list that is cut off, or changed", async () => {
    expect(await broken((_, folder) => void rewrite(folder, "held-out.hashes", (words) => words.slice(2)))).toMatch(
      /^CorpusError: FOLDER\/held-out\.hashes — expected \d+ bytes, got \d+\.\n/,
    );
    expect(
      await broken((_, folder) => void rewrite(folder, "held-out.hashes", (words) => [0, 1, ...words.slice(2)])),
    ).toMatch(/^CorpusError: FOLDER\/held-out\.hashes — expected SHA-256 [0-9a-f]{16}…, got [0-9a-f]{16}…\.\n/);
  });

  test("a list without a source's own documents, up to a cut, or of another seed", async () => {
    expect(
      await broken(
        (manifest) => void (manifest.sources[1].validation = { ...manifest.sources[1].validation, share: 0.4 }),
      ),
    ).toMatch(
      /^CorpusError: FOLDER\/manifest\.json — expected of source 1 \d+ held out by a share of 0\.4 with the seed 1, got \d+ held out by a share of 0\.5 with the seed 1\.\n/,
    );
    expect(await broken((manifest) => void (manifest.heldOut.sets[1].isComplete = false))).toMatch(
      /^CorpusError: FOLDER\/manifest\.json — expected data sets with all that they hold out, got one up to its cut: \d+ held out by a share of 0\.5 with the seed 1\.\n/,
    );
    const seeded = await broken((manifest) => {
      for (const set of [manifest.heldOut.sets[1], manifest.sources[1].validation]) set.seed = 2;
    });
    expect(seeded).toBe(`CorpusError: FOLDER/manifest.json — expected hashes with the seed 1, got the seed 2.${hint}`);
  });
});

describe("messages", () => {
  test("data sets of different seeds, one that lists what it holds out up to its cut, and hardly anything left", async () => {
    const at = (folder: string) => folder.replace(root, "FOLDER");
    const [a, b] = [await tokens(numberedTexts(40)), await tokens(numberedTexts(40), { validation: 0.3, seed: 2 })];
    expect(await messageOf(() => cut([a, b]), root)).toBe(
      `CorpusError: ${at(b)} — expected documents drawn with the seed 1 as in ${at(a)}, got the seed 2.\n` +
        "  Tokenize all data sets with the same seed: what one holds out could not be told among the documents of another.",
    );
    const c = await tokens(numberedTexts(40), { validation: 0.3, first: { documents: 9 } });
    expect(await messageOf(() => cut([a], [c]), root)).toBe(
      `CorpusError: ${at(c)} — expected all documents that the data set holds out, for its share of 0.3 is above another's 0, got those up to its cut.\n` +
        "  Tokenize it with `heldOutPastCut`.",
    );
    const half = numberedTexts(9).filter((text) => isTextHeldOut(text, 0.5));
    const [d, e] = [await tokens(half), await tokens(numberedTexts(9), { validation: 0.5 })];
    expect((await messageOf(() => cut([d], [e]), root)).replace(/\d+ —/, "CUT —")).toBe(
      `CorpusError: FOLDER/CUT — expected at least 2 documents for 2 shards, got 0, after ${half.length} that another data set holds out.\n` +
        "  Lower `shards`, or give more documents.",
    );
    // Where nothing is held out, the seed is no matter.
    expect((await cut([a, await tokens(numberedTexts(9), { seed: 2 })])).manifest.documents).toBe(49);
  });
});
