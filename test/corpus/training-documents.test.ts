import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBadRecords } from "../../src/corpus/records/bad-records.js";
import { readDocuments } from "../../src/corpus/documents/documents.js";
import { createHashSet } from "../../src/corpus/documents/hash-set.js";
import { drawOf, hashDocument } from "../../src/corpus/documents/split.js";
import { readingStart, type ReadingState } from "../../src/corpus/records/reading-state.js";
import { openTrainingDocuments, type TrainingData } from "../../src/corpus/documents/training-documents.js";
import { temporaryFolder } from "../temporary-folder.js";
import { all, messageOf } from "./corpus-fixtures.js";

const folder = temporaryFolder();

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const linesOf = (texts: readonly string[]) => texts.map((text) => `${JSON.stringify({ text })}\n`).join("");

function data(files: readonly string[], options: Partial<TrainingData> = {}): TrainingData {
  return {
    source: { files, text: { field: "text" } },
    holdOut: { share: 0, seed: 1 },
    maxBadRecords: 0,
    duplicates: "keep",
    limit: null,
    ...options,
  };
}

async function read(options: TrainingData, from?: ReadingState) {
  const stream = openTrainingDocuments(options, from);
  const chunks = await all(stream.chunks);
  const documents = chunks.flatMap(({ document }) => document ?? []);
  return {
    texts: documents.map(({ parts }) => parts.join("")),
    documents,
    chunks,
    state: chunks.at(-1)?.state ?? readingStart,
  };
}

describe("bad records", () => {
  const latin = Buffer.from('{"text":"stra\xdfe"}\n', "latin1");
  const bad = Buffer.concat([
    Buffer.from('{"text":"one"}\n{"text":\n{"txet":"two"}\n{"text":3}\n'),
    latin,
    Buffer.from('{"text":" \\n"}\n{"text":"four"}\n'),
  ]);
  const path = () => file("bad.jsonl", bad);

  test("the first one is an error if none may be skipped", async () => {
    expect(await messageOf(() => read(data([path()])), folder)).toBe(
      "CorpusError: FOLDER/bad.jsonl:2 — expected a JSON object, got invalid JSON: " +
        '{"text":.\n  Correct or remove this record.',
    );
  });

  test("up to the limit they are skipped and counted, and the first are reported with their locations", async () => {
    const { texts, state } = await read(data([path()], { maxBadRecords: 5 }));
    expect(texts).toEqual(["one", "four"]);
    expect(state.skipped.count).toBe(5);
    expect(state.skipped.first.map((line) => line.replace(folder, "FOLDER"))).toEqual([
      'FOLDER/bad.jsonl:2 — expected a JSON object, got invalid JSON: {"text":.',
      'FOLDER/bad.jsonl:3 — expected the field "text", got only the field "txet".',
      'FOLDER/bad.jsonl:4 — expected a string in the field "text", got 3.',
      "FOLDER/bad.jsonl:5 — expected UTF-8 text, got bytes that are not UTF-8.",
      "FOLDER/bad.jsonl:6 — expected a non-empty document, got an empty one.",
    ]);
  });

  test("one more than the limit is an error that names the limit", async () => {
    expect(await messageOf(() => read(data([path()], { maxBadRecords: 3 })), folder)).toBe(
      "CorpusError: FOLDER/bad.jsonl:5 — expected at most 3 bad records, got one more: expected " +
        "UTF-8 text, got bytes that are not UTF-8.\n" +
        "  Correct the data, or raise `maxBadRecords`.",
    );
  });

  test("the rest of a truncated file counts as one; the records before it and the next file are used", async () => {
    const packed = gzipSync(linesOf(Array.from({ length: 5000 }, (_, i) => `text ${i} ${Math.sin(i)}`)));
    const cut = file("cut.jsonl.gz", packed.subarray(0, packed.length / 2));
    const next = file("next.jsonl", linesOf(["next"]));
    const { texts, state } = await read(data([cut, next], { maxBadRecords: 1 }));
    expect(state.skipped).toMatchObject({
      count: 1,
      first: [`${cut} — expected a complete gzip file, got a truncated one.`],
    });
    expect(texts.length).toBeGreaterThan(1000);
    expect(texts.slice(0, 2)).toEqual(["text 0 0", `text 1 ${Math.sin(1)}`]);
    expect(texts.at(-1)).toBe("next");
  });

  test("the records of a task keep their locations", async () => {
    const kept = await all(readDocuments({ files: [path()], text: { field: "text" } }, { bad: createBadRecords(9) }));
    expect(kept.map(({ where }) => where.replace(folder, "FOLDER"))).toEqual([
      "FOLDER/bad.jsonl:1",
      "FOLDER/bad.jsonl:7",
    ]);
  });
});

describe("held-out documents", () => {
  const texts = Array.from({ length: 600 }, (_, i) => `document ${i % 400}`);

  test("are disjoint from training by the hash of documents, for repeated texts too, and complete", async () => {
    const {
      texts: training,
      documents,
      state,
    } = await read(data([file("v.jsonl", linesOf(texts))], { holdOut: { share: 0.2, seed: 1 } }));
    const heldOut = texts.filter((text) => drawOf(hashDocument(text, 1)) < 0.2);
    expect(state.heldOut).toBe(heldOut.length);
    expect(heldOut.length).toBeGreaterThan(50);
    expect(training).toEqual(texts.filter((text) => !new Set(heldOut).has(text)));
    expect(documents.every(({ hash }) => drawOf(hash) >= 0.2)).toBe(true);
  });

  test("do not count towards a limit, which shortens only the training data", async () => {
    const path = file("v.jsonl", linesOf(texts));
    const whole = await read(data([path], { holdOut: { share: 0.2, seed: 1 } }));
    const { texts: training, state } = await read(
      data([path], { holdOut: { share: 0.2, seed: 1 }, limit: { documents: 100 } }),
    );
    expect(training).toEqual(whole.texts.slice(0, 100));
    expect(state).toMatchObject({ documents: 100, bytes: training.join("").length });
  });
});

describe("limits and duplicates", () => {
  const document = fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 }).filter((text) => text.trim() !== "");

  test("a limit in bytes selects the longest prefix of whole documents that fits", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 60 }),
        async (texts, bytes) => {
          const { texts: kept } = await read(data([file("cut.jsonl", linesOf(texts))], { limit: { bytes } }));
          const sizes = texts.map((_, i) => Buffer.byteLength(texts.slice(0, i + 1).join("")));
          expect(kept).toEqual(texts.filter((_, i) => sizes[i] <= bytes));
        },
      ),
      { seed: 7, numRuns: 40 },
    );
  });

  test("the first of equal documents is kept, in the order of the data", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(document, { minLength: 1, maxLength: 40 }), async (texts) => {
        const { texts: kept, state } = await read(data([file("d.jsonl", linesOf(texts))], { duplicates: "remove" }));
        expect(kept).toEqual([...new Set(texts)]);
        expect(state.duplicates).toBe(texts.length - kept.length);
      }),
      { seed: 8, numRuns: 40 },
    );
  });

  test("reading resumes at any document with the same documents and counts", async () => {
    const texts = Array.from({ length: 60 }, (_, i) => (i % 9 === 4 ? " " : `document ${i % 45}`));
    const files = [
      file("a.jsonl", linesOf(texts.slice(0, 25))),
      file("b.jsonl.gz", gzipSync(linesOf(texts.slice(25)))),
    ];
    const options = data(files, {
      holdOut: { share: 0.2, seed: 1 },
      maxBadRecords: 9,
      duplicates: "remove",
      limit: { bytes: 400 },
    });
    const whole = await read(options);
    for (const [i, { state }] of whole.chunks.slice(0, -1).entries()) {
      const known = whole.chunks.slice(0, i + 1).flatMap(({ document }) => document?.hash ?? []);
      const stream = openTrainingDocuments(options, JSON.parse(JSON.stringify(state)) as ReadingState, () => known);
      expect(await all(stream.chunks)).toEqual(whole.chunks.slice(i + 1));
    }
  });
});

test("a set of hashes knows which hashes were added, at many sizes", () => {
  const set = createHashSet();
  const hash = (i: number) => hashDocument(String(i), 1);
  for (let i = 0; i < 30_000; i++) expect(set.add(hash(i))).toBe(true);
  for (let i = 0; i < 30_000; i++) expect(set.add(hash(i))).toBe(false);
  for (let i = 0; i < 60_000; i += 7) expect(set.add(hash(i))).toBe(i >= 30_000);
  expect([
    set.add({ high: 0, low: 0 }),
    set.add({ high: 0, low: 0 }),
    set.add({ high: 5, low: 0 }),
    set.add({ high: 0, low: 5 }),
  ]).toEqual([true, false, true, true]);
});
