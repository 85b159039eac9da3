import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRecordFile } from "../../src/corpus/records/formats/record-file.js";
import { followZstdWindows } from "../../src/corpus/records/formats/zstd-windows.js";
import type { ReadRecord } from "../../src/corpus/records/read-record.js";
import { temporaryFolder } from "../temporary-folder.js";
import { all, messageOf } from "./corpus-fixtures.js";

const golden = join(import.meta.dirname, "../golden/tables");
const folder = temporaryFolder();
const records = JSON.parse(readFileSync(join(golden, "records.json"), "utf8")) as Record<string, unknown>[];

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const read = (path: string, skip = 0) => all(readRecordFile(path, { fields: null, skip, onBytes: () => {} }));
const shown = (items: readonly ReadRecord[]) =>
  items.map((item) => ("error" in item ? item.error.message.replaceAll(folder, "FOLDER").split("\n")[0] : item.record));
const message = (path: string) => messageOf(() => read(path), folder);

describe("csv and tsv", () => {
  test("a table written by Python's csv module, also compressed", async () => {
    const expected = records
      .slice(0, 20)
      .map(({ text, note }) => ({ text: `${String(text)}\n"quoted", and so on`, note: note ?? "" }));
    const path = join(golden, "texts.csv");
    expect(shown(await read(path))).toEqual(expected);
    expect(shown(await read(file("texts.csv.gz", gzipSync(readFileSync(path))), 3))).toEqual(expected.slice(3));
  });

  test("a table is read back as written, for any fields", async () => {
    const field = fc
      .array(fc.constantFrom('"', ",", "\t", "\n", "a", "ä", " ", '""'), { maxLength: 5 })
      .map((parts) => parts.join(""));
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(field, field), { maxLength: 6 }),
        fc.constantFrom(["csv", ","], ["tsv", "\t"]),
        fc.constantFrom("\n", "\r\n"),
        async (rows, [ending, separator], lineBreak) => {
          const lines = [["one", "two"], ...rows].map((row) => row.map(quoted).join(separator) + lineBreak);
          expect(shown(await read(file(`table.${ending}`, lines.join(""))))).toEqual(
            rows.map(([one, two]) => ({ one, two })),
          );
        },
      ),
      { seed: 6, numRuns: 60 },
    );
  });

  test("unquoted fields may contain quotes, the last line needs no line break, empty lines are skipped", async () => {
    expect(shown(await read(file("plain.tsv", '\ufeffid\ttext\n1\t5"" pipe\n\n2\tsay "hi"\n3\t')))).toEqual([
      { id: "1", text: '5"" pipe' },
      { id: "2", text: 'say "hi"' },
      { id: "3", text: "" },
    ]);
  });

  test("rows with too few fields or invalid UTF-8 are reported with their line, the others are read", async () => {
    const path = file("bad.csv", Buffer.from('id,text\n1,"a\nb"\n2\n3,stra\xdfe\n4,d\n', "latin1"));
    expect(shown(await read(path))).toEqual([
      { id: "1", text: "a\nb" },
      "FOLDER/bad.csv:4 — expected 2 fields as in the header, got 1.",
      "FOLDER/bad.csv:5 — expected UTF-8 text, got bytes that are not UTF-8.",
      { id: "4", text: "d" },
    ]);
  });

  test("an unclosed quote", async () => {
    expect(await message(file("open.csv", 'id,text\n1,a\n2,"b\nc'))).toBe(
      "CorpusError: FOLDER/open.csv:3 — expected a closing quote, got the end of the file." +
        "\n  Copy or download it again.",
    );
  });
});

describe("zstd", () => {
  const path = join(golden, "frames.jsonl.zst");

  test("concatenated frames are one file", async () => {
    expect(shown(await read(path))).toEqual(records);
    expect(shown(await read(path, 70))).toEqual(records.slice(70));
  });

  test("a file truncated in a frame or before its checksum", async () => {
    const bytes = readFileSync(path);
    for (const length of [3, 30, bytes.length - 300, bytes.length - 4, bytes.length - 1]) {
      expect(await message(file("cut.jsonl.zst", bytes.subarray(0, length)))).toBe(
        "CorpusError: FOLDER/cut.jsonl.zst — expected a complete zstd file, got a truncated one.\n" +
          "  Copy or download it again.",
      );
    }
  });

  test("a frame with too large a window, anywhere in the file", async () => {
    const whole = readFileSync(path);
    const note = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const windows = [
      [0, 21 << 3],
      [0xe0, 0, 0, 0, 128, 0, 0, 0, 0],
      [0xa2, 7, 7, 0, 0, 0, 128],
      [0, 16 << 3],
      [0xa0, 0, 0, 0, 4],
    ];
    for (const header of windows) {
      const frame = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...header]), Buffer.alloc(40)]);
      const found = await message(file("far.jsonl.zst", Buffer.concat([whole, note, whole, frame])));
      expect(found).toBe(
        "CorpusError: FOLDER/far.jsonl.zst — expected zstd data with a window of at most 60 MiB, got " +
          `one of ${windows.indexOf(header) < 3 ? 2048 : 64} MiB.\n` +
          "  Compress the file again without `--long` and `--ultra`: `zstd -dc --long=31 OLD | zstd -o NEW`.",
      );
    }
    expect(shown(await read(file("near.jsonl.zst", Buffer.concat([note, whole, note, whole]))))).toEqual([
      ...records,
      ...records,
    ]);
  });

  test("the window of each frame is reported, for chunks of any size", () => {
    const data = Buffer.concat([readFileSync(path), readFileSync(path)]);
    const found = [1, 2, 3, 7, 100, 5000].map((size) => {
      const windows: number[] = [];
      const follow = followZstdWindows((window) => windows.push(window));
      for (let at = 0; at < data.length; at += size) follow(data.subarray(at, at + size));
      return windows;
    });
    const sizes = [records.slice(0, 70), records.slice(70)].map((part) =>
      Buffer.byteLength(part.map((record) => `${JSON.stringify(record)}\n`).join("")),
    );
    for (const windows of found) expect(windows).toEqual(found[0]);
    expect(found[0]).toHaveLength(4);
    for (const [i, window] of found[0].entries()) expect(window).toBeGreaterThanOrEqual(sizes[i % 2]);
  });

  test("another kind of file", async () => {
    expect(await message(file("not.jsonl.zst", "this is not packed by zstd at all"))).toMatch(
      /^CorpusError: FOLDER\/not\.jsonl\.zst — expected a complete zstd file, got damaged data \(.+\)\.\n {2}Copy or download it again\.$/,
    );
  });
});

test("a document too long to hold in memory is a bad record; the rest of it is skipped", async () => {
  const long = "a\n".repeat(5 * 2 ** 20);
  const json = JSON.stringify({ text: long });
  const files: readonly (readonly [path: string, place: string, hint: string])[] = [
    [
      file("long.txt", `1<|endoftext|>\n${long}<|endoftext|>3`),
      "long.txt:1",
      "Put <|endoftext|> between the documents.",
    ],
    [
      file("long.jsonl", `{"text":"1"}\n${json}\n{"text":"3"}\n`),
      "long.jsonl:2",
      "Put a line break between the documents.",
    ],
    [file("long.json", `[{"text":"1"},\n${json},{"text":"3"}]`), "long.json:2", "Put a comma between the documents."],
    [
      file("long.csv", `text,id\n1,1\n"""${long}""",2\n3,3\n`),
      "long.csv:3",
      "Put a line break between the documents, and close any open quote.",
    ],
  ];
  for (const [path, place, hint] of files) {
    const items = await read(path);
    const found = shown(items);
    expect(found).toHaveLength(3);
    expect("error" in items[1] && items[1].error.message.replace(folder, "FOLDER")).toBe(
      `FOLDER/${place} — expected a document of at most 6 MiB, got a longer one.\n  ${hint}`,
    );
    expect([found[0], found[2]]).toEqual(["1", "3"].map((text) => expect.objectContaining({ text })));
    for (const skip of [1, 2, 3]) expect(shown(await read(path, skip))).toEqual(found.slice(skip));
  }
});

test("reading resumes at any record, good or bad, in any format", async () => {
  const bad = '{"a":1}\n\n[2]\n{"a":3}\n{"a":\n{"a":5}';
  const paths = [
    file("skip.jsonl", bad),
    file("skip.json", '[{"a":1}, 2, {"a":3},\n{"a":}, {"a":5}]'),
    file("skip.txt", "a\n<|endoftext|>\n\n<|endoftext|>b<|endoftext|>c"),
    file("skip.csv", "a,b\n1,2\n3\n4,5\n"),
  ];
  for (const path of paths) {
    const whole = shown(await read(path));
    expect(whole.length).toBeGreaterThan(2);
    for (let skip = 0; skip <= whole.length; skip++) expect(shown(await read(path, skip))).toEqual(whole.slice(skip));
  }
});

test("the bytes of a file are reported while it is read", async () => {
  for (const path of [
    join(golden, "frames.jsonl.zst"),
    file("bytes.jsonl.gz", gzipSync('{"a":1}\n'.repeat(200_000))),
    file("bytes.txt", "a".repeat(600_000)),
  ]) {
    let bytes = 0;
    await all(readRecordFile(path, { fields: null, skip: 0, onBytes: (count) => (bytes += count) }));
    expect(bytes).toBe(readFileSync(path).length);
  }
});
