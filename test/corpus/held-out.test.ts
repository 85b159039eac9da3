import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { heldOutHashesOf } from "../../src/corpus/tokens/hash-file.js";
import { hashDocument, type DocumentHash } from "../../src/corpus/documents/split.js";
import type { TokenManifest } from "../../src/corpus/tokens/token-manifest.js";
import type { TokenizeOptions } from "../../src/corpus/tokens/tokenize.js";
import type { TrainingData } from "../../src/corpus/documents/training-documents.js";
import { hashBytes } from "../../src/files/hash.js";
import { temporaryFolder } from "../temporary-folder.js";
import { dataOf, encodeBytes, isTextHeldOut, newFolder, numberedTexts, tokenizedData } from "./pieces.js";

const root = temporaryFolder();
const keyOf = ({ high, low }: DocumentHash) => `${high} ${low}`;
const keys = (texts: readonly string[]) => texts.map((text) => keyOf(hashDocument(text, 1)));
const listed = (folder: string, { segments }: TokenManifest) => [...heldOutHashesOf(folder, segments)].map(keyOf);

describe("tokenizing lists what is held out", () => {
  const texts = numberedTexts(700);
  const heldOut = keys(texts.filter((text) => isTextHeldOut(text, 0.3)));

  test("in order, equal ones each", async () => {
    const folder = newFolder(root);
    const manifest = await tokenizedData(folder, dataOf(root, [...texts, ...texts], { validation: 0.3 }));
    expect(listed(folder, manifest)).toEqual([...heldOut, ...heldOut]);
    expect(manifest.validation).toMatchObject({ heldOut: 2 * heldOut.length, isComplete: true });
  });

  const cuts: readonly (readonly [string, TrainingData["first"]])[] = [
    ["bytes", { bytes: 1200 }],
    ["documents", { documents: 100 }],
    ["tokens", { tokens: 1400 }],
  ];
  test.each(cuts)("of the whole data set where it is asked for, though a cut by %s ends training", async (_, first) => {
    const all = dataOf(root, texts, { validation: 0.3, first, heldOutPastCut: true });
    const [folder, short] = [newFolder(root), newFolder(root)];
    const manifest = await tokenizedData(folder, all);
    expect(listed(folder, manifest)).toEqual(heldOut);
    expect(manifest.validation.isComplete).toBe(true);
    const upToCut = await tokenizedData(short, { ...all, heldOutPastCut: false });
    const found = listed(short, upToCut);
    expect(found).toEqual(heldOut.slice(0, found.length));
    expect(upToCut.validation).toMatchObject({ heldOut: found.length, isComplete: false });
    expect(found.length).toBeLessThan(heldOut.length);
    // What is trained on is the same with and without.
    expect([manifest.documents, manifest.tokens, manifest.textBytes]).toEqual([
      upToCut.documents,
      upToCut.tokens,
      upToCut.textBytes,
    ]);
    expect(Math.abs(manifest.documents - 100)).toBeLessThan(15);
  });

  test("bad records after the cut are no matter, and duplicates are not counted there", async () => {
    const options = dataOf(root, [], {
      validation: 0.3,
      first: { documents: 100 },
      heldOutPastCut: true,
      duplicates: "remove",
    });
    const path = "files" in options.source ? options.source.files[0] : "";
    writeFileSync(
      path,
      [
        ...texts.map((text) => JSON.stringify({ text })),
        "{",
        JSON.stringify({ text: texts[0] }),
        '{"text":1}',
        "",
      ].join("\n"),
    );
    const folder = newFolder(root);
    const manifest = await tokenizedData(folder, options);
    expect(new Set(listed(folder, manifest))).toEqual(new Set(heldOut));
    expect([manifest.skipped, manifest.duplicatesRemoved]).toEqual([0, 0]);
  });
});

describe("tokenizing that was stopped anywhere ends with the same bytes", () => {
  // 2^18 letters make a batch, 4096 held-out documents a piece without a document.
  const long = Array.from({ length: 18 }, (_, i) => `${i} `.repeat(20_000 + 997 * (i % 7)));
  const texts = [...long, ...numberedTexts(9500)];
  const bytesOf = (folder: string) =>
    readdirSync(folder)
      .filter((name) => name !== "journal.jsonl")
      .sort()
      .map((name) => [name, hashBytes(readFileSync(join(folder, name)))]);

  test.each<readonly [string, TrainingData["first"]]>([
    ["its end", null],
    ["bytes", { bytes: 400_000 }],
    ["documents", { documents: 7 }],
    ["tokens", { tokens: 400_000 }],
  ])("up to %s, and past it for what is held out", async (_, first) => {
    const options = dataOf(root, texts, { validation: 0.5, first, heldOutPastCut: true });
    const whole = newFolder(root);
    const manifest = await tokenizedData(whole, options, { segmentTokens: 150_000 });
    expect(listed(whole, manifest)).toEqual(keys(texts.filter((text) => isTextHeldOut(text, 0.5))));
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

  /** Stops after so many batches more than one. */
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
