import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, truncateSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readParquet, type ParquetOptions } from "../../src/corpus/records/formats/parquet/parquet.js";
import { temporaryFolder } from "../temporary-folder.js";
import { all, messageOf } from "./corpus-fixtures.js";

const golden = join(import.meta.dirname, "../golden/tables");
const folder = temporaryFolder();
const records = JSON.parse(readFileSync(join(golden, "records.json"), "utf8")) as Record<string, unknown>[];
const read = (path: string, options: Partial<ParquetOptions> = {}) =>
  all(readParquet(path, { fields: null, skip: 0, onBytes: () => {}, ...options }));
const recordsOf = async (path: string, options?: Partial<ParquetOptions>) =>
  (await read(path, options)).map((row) => ("record" in row ? row.record : null));

describe("parquet files written by pyarrow", () => {
  for (const codec of ["none", "snappy", "gzip", "brotli", "lz4", "zstd"]) {
    test(`${codec}: every row, including nested columns`, async () => {
      expect(await recordsOf(join(golden, `${codec}.parquet`))).toEqual(records);
    });
  }

  test("data pages of version 2, delta-encoded", async () => {
    expect(await recordsOf(join(golden, "pages.parquet"))).toEqual(records);
  });

  test("chosen columns only; all if one is missing, so that a message can name them", async () => {
    const path = join(golden, "zstd.parquet");
    expect(await recordsOf(path, { fields: ["text"] })).toEqual(records.map(({ text }) => ({ text })));
    expect(await recordsOf(path, { fields: ["txet"] })).toEqual(records);
  });

  test("resumes at any row, within and across row groups", async () => {
    for (const skip of [1, 39, 40, 41, 99, 100]) {
      expect(await recordsOf(join(golden, "snappy.parquet"), { skip, fields: ["text"] })).toEqual(
        records.slice(skip).map(({ text }) => ({ text })),
      );
      expect(await recordsOf(join(golden, "pages.parquet"), { skip })).toEqual(records.slice(skip));
    }
  });

  test("data pages of version 1 with lists that span pages", async () => {
    const path = join(golden, "lists-over-pages.parquet");
    expect(await recordsOf(path)).toEqual(records);
    for (const skip of [1, 7, 59, 60, 61, 99, 100])
      expect(await recordsOf(path, { skip })).toEqual(records.slice(skip));
  });

  test("locations are rows, counted from 1, and each byte is reported once", async () => {
    let bytes = 0;
    const path = join(golden, "none.parquet");
    const locations = (await read(path, { skip: 98, onBytes: (count) => (bytes += count) })).map(
      (row) => "where" in row && row.where,
    );
    expect(locations).toEqual([`${path} row 99`, `${path} row 100`]);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(readFileSync(path).length);
  });
});

describe("large pages, decompressed as a stream", () => {
  const large = { largePage: 0 };
  const plain = Array.from({ length: 100 }, (_, i) => ({
    text: `Row ${i}: ${"straße, 猫 and 🙂. ".repeat(i === 5 ? 20_000 : i % 7)}${"x".repeat((i * i) % 300)}`,
    note: i % 3 === 0 ? null : `note ${i}`,
  }));

  test.each([
    ["none", 1],
    ["snappy", 1],
    ["snappy", 2],
    ["zstd", 2],
    ["gzip", 1],
  ])("%s, pages of version %i", async (codec, version) => {
    const path = join(golden, `plain-${codec}-${version}.parquet`);
    const expected = codec === "none" ? plain.slice(6) : plain;
    for (const options of [{}, large]) {
      expect(await recordsOf(path, options)).toEqual(expected);
      expect(await recordsOf(path, { ...options, skip: 80, fields: ["note"] })).toEqual(
        expected.slice(80).map(({ note }) => ({ note })),
      );
    }
  });

  test("all other files are read the same", async () => {
    for (const name of ["none", "snappy", "zstd", "pages", "lists-over-pages"]) {
      expect(await recordsOf(join(golden, `${name}.parquet`), large)).toEqual(records);
    }
  });

  test("a text above the limit is a bad record and is not held in memory, the others are read", async () => {
    const path = join(golden, "long-cell.parquet");
    for (const options of [{}, { largePage: 2 ** 30 }]) {
      const [one, two, three] = await read(path, options);
      expect([one, three].map((row) => "record" in row && row.record)).toEqual([{ text: "one" }, { text: "three" }]);
      expect("error" in two && two.error.message.replace(golden, "FOLDER")).toBe(
        "FOLDER/long-cell.parquet row 2 — expected a document of at most 6 MiB, got a longer one.\n" +
          "  Split this text into several rows, or remove it.",
      );
    }
  });
});

const canMeasure = existsSync("/proc/self/status");
test.skipIf(!canMeasure)(
  "a row group of 295 MB is read with 160 MiB for all of the " +
    `process${canMeasure ? "" : " (skipped: needs Linux, whose /proc reports the peak)"}`,
  () => {
    const args = [join(import.meta.dirname, "read-once.mjs"), join(golden, "large-group.parquet"), "text"];
    const { peak, ...read } = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
    const characters = Array.from(
      { length: 70_000 },
      (_, i) => `Row ${i}: `.length + 150 * "one sentence after another. ".length,
    );
    expect(read).toEqual({ records: 70_000, characters: characters.reduce((a, b) => a + b) });
    expect(peak).toBeLessThan(160 * 2 ** 20);
  },
  30_000,
);

describe("bad parquet files", () => {
  const message = (path: string) => messageOf(() => read(path), folder);

  test("a row that is not UTF-8 is reported, the others are read", async () => {
    const [one, two, three] = await read(join(golden, "latin.parquet"));
    expect([one, three].map((row) => "record" in row && row.record)).toEqual([{ text: "one" }, { text: "three" }]);
    expect("error" in two && two.error.message.replace(golden, "FOLDER")).toBe(
      "FOLDER/latin.parquet row 2 — expected UTF-8 text, got bytes that are not UTF-8.\n" +
        "  Convert the file to UTF-8, or remove this record.",
    );
  });

  test("a file truncated at any length", async () => {
    const path = join(folder, "cut.parquet");
    for (const length of [0, 3, 11, 2000, 8600]) {
      copyFileSync(join(golden, "zstd.parquet"), path);
      truncateSync(path, length);
      expect(await message(path)).toBe(
        "CorpusError: FOLDER/cut.parquet — expected a complete parquet file, got a truncated one.\n" +
          "  Copy or download it again.",
      );
    }
  });

  test("a page too large to hold that cannot be decompressed as a stream", async () => {
    expect(await message(join(golden, "page-of-139-mib.parquet"))).toBe(
      `CorpusError: ${golden}/page-of-139-mib.parquet text — expected pages of at most 128 MiB, got one of 139 MiB.\n` +
        "  Write the file again with smaller pages: with pyarrow, a smaller `write_batch_size` in `write_table`.",
    );
  });

  test("another kind of file, and damaged bytes", async () => {
    writeFileSync(join(folder, "text.parquet"), "this is no table at all");
    expect(await message(join(folder, "text.parquet"))).toBe(
      "CorpusError: FOLDER/text.parquet — expected a complete parquet file, got another kind of file.\n" +
        "  Copy or download it again.",
    );
    const bytes = readFileSync(join(golden, "gzip.parquet"));
    bytes.fill(255, 100, 400);
    writeFileSync(join(folder, "damaged.parquet"), bytes);
    expect(await message(join(folder, "damaged.parquet"))).toMatch(
      /^CorpusError: FOLDER\/damaged\.parquet — expected a complete parquet file, got damaged data \(.+\)\.\n {2}Copy or download it again\.$/,
    );
  });
});
