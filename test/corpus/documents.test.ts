import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDocuments } from "../../src/corpus/documents/documents.js";
import { readRecords } from "../../src/corpus/records/records.js";
import type { JsonText } from "../../src/corpus/records/formats/json/json-text.js";
import { splitJson } from "../../src/corpus/records/formats/json/split-json.js";
import { splitBytes, type RecordText } from "../../src/corpus/records/formats/split-bytes.js";
import { temporaryFolder } from "../temporary-folder.js";
import { all, each, messageOf } from "./corpus-fixtures.js";

const folder = temporaryFolder();

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

async function texts(path: string, field = "text"): Promise<string[]> {
  return (await all(readDocuments({ files: [path], text: { field } }))).map(({ text }) => text);
}

const lines = '{"text":"one"}\n\n{"text":"zwei ä"}\r\n{"text":"three"}';

const textOf = (record: RecordText | JsonText) => ("text" in record ? record.text : record.error.message);

describe("formats", () => {
  test("the same records in every format", async () => {
    const expected = ["one", "zwei ä", "three"];
    const array = JSON.stringify(
      expected.map((text) => ({ text })),
      null,
      1,
    );
    expect(await texts(file("a.jsonl", lines))).toEqual(expected);
    expect(await texts(file("a.jsonl.gz", gzipSync(lines)))).toEqual(expected);
    expect(await texts(file("lines.json", lines))).toEqual(expected);
    expect(await texts(file("a.json", `\ufeff${array}\n`))).toEqual(expected);
    expect(await texts(file("a.json.gz", gzipSync(array)))).toEqual(expected);
    expect(await texts(file("a.txt", `\ufeff${expected.join("\n<|endoftext|>\n")}\n<|endoftext|>\n`))).toEqual(
      expected,
    );
  });

  test("a text file without separator is one document", async () => {
    expect(await texts(file("whole.txt", "\nOne line,\n\nand more.\n"))).toEqual(["One line,\n\nand more."]);
  });

  test("concatenated gzip members are one file", async () => {
    expect(
      await texts(file("two.jsonl.gz", Buffer.concat([gzipSync('{"text":"a"}\n'), gzipSync('{"text":"b"}\n')]))),
    ).toEqual(["a", "b"]);
  });

  test("locations are file and line", async () => {
    const locations = async (path: string) =>
      (await all(readRecords({ files: [path], text: { field: "text" } }))).map((r) =>
        "where" in r ? r.where.slice(folder.length + 1) : r.error.message,
      );
    expect(await locations(file("p.jsonl", lines))).toEqual(["p.jsonl:1", "p.jsonl:3", "p.jsonl:4"]);
    expect(await locations(file("p.txt", "a\nb\n<|endoftext|>\nc"))).toEqual(["p.txt:1", "p.txt:4"]);
    expect(await locations(file("p.json", '[\n{"text":\n1},\n\n{}]'))).toEqual(["p.json:2", "p.json:5"]);
  });

  test("a star matches files in order of their names", async () => {
    file("part-10.jsonl", '{"text":"ten"}');
    file("part-02.jsonl", '{"text":"two"}');
    expect(await texts(join(folder, "part-*.jsonl"))).toEqual(["two", "ten"]);
  });

  test("a template joins fields, including numbers", async () => {
    const path = file("t.jsonl", '{"question":"1+1?","answer":2}');
    const source = { files: [path], text: { template: "Q: {question}\nA: {answer}" } };
    expect((await all(readDocuments(source)))[0].text).toBe("Q: 1+1?\nA: 2");
  });

  test("reading may stop at any record", async () => {
    const path = file("stop.jsonl.gz", gzipSync('{"text":"a"}\n'.repeat(1_000_000)));
    for await (const { text } of readDocuments({ files: [path], text: { field: "text" } })) {
      expect(text).toBe("a");
      break;
    }
    expect(await all(readDocuments({ files: [], text: { field: "text" } }))).toEqual([]);
  });

  test("synthetic records are positions in a seeded stream", async () => {
    const source = { synthetic: "stories", seed: 5, text: { field: "text" } } as const;
    const few = await all(readDocuments({ ...source, documents: 3 }));
    const more = await all(readDocuments({ ...source, documents: 5 }));
    expect(more.slice(0, 3)).toEqual(few);
    expect(few[2].where).toBe("generated stories 2");
  });
});

describe("records do not depend on the boundaries of chunks", () => {
  const chunked = (bytes: Buffer, size: number) =>
    each(Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)));

  test("separators", async () => {
    const part = fc.constantFrom("", "<", "|>", "ä", "a\nb", "<|endof", "text|>");
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1 }), fc.integer({ min: 1, max: 20 }), async (parts, size) => {
        const whole = parts.join("<|endoftext|>");
        const read = await all(splitBytes(chunked(Buffer.from(whole), size), "<|endoftext|>", "file"));
        const expected = whole.split("<|endoftext|>");
        if (expected.at(-1) === "") expected.pop();
        expect(read.map(textOf)).toEqual(expected);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test("JSON values, and elements of arrays, in any layout", async () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));
    const array = fc.tuple(object, fc.array(fc.jsonValue({ maxDepth: 2 }))).map(([first, rest]) => [first, ...rest]);
    const layout = fc.record({
      value: fc.oneof(object, array, fc.constant([])),
      indent: fc.nat(2),
      between: fc.constantFrom("", " ", "\n", "\r\n", "\r", "\n\n", "\n\ufeff"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(layout), fc.integer({ min: 1, max: 9 }), async (layouts, size) => {
        const text = layouts
          .map(({ value, indent, between }) => JSON.stringify(value, null, indent) + between)
          .join("");
        const read = await all(splitJson(chunked(Buffer.from(text), size), "file"));
        const expected = layouts.flatMap(({ value }) => value);
        expect(read.map((one) => JSON.parse(textOf(one)) as unknown)).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});

describe("messages", () => {
  const message = (path: string, field?: string) => messageOf(() => texts(path, field), folder);

  test("unreadable JSON", async () => {
    expect(await message(file("bad.jsonl", '{"text":"a"}\n{"text": "b\n'))).toBe(
      "CorpusError: FOLDER/bad.jsonl:2 — expected a JSON object, got invalid JSON: " +
        '{"text": "b.\n  Correct or remove this record.',
    );
    expect(await message(file("list.jsonl", "[1]"))).toBe(
      "CorpusError: FOLDER/list.jsonl:1 — expected a JSON object, got [1].\n  Correct or remove this record.",
    );
    expect(await message(file("cut.json", '[{"text":"a"},\n{"te'))).toBe(
      "CorpusError: FOLDER/cut.json:2 — expected ] at the end of the array, got the end of the file.\n" +
        "  The file is damaged or truncated: copy or download it again.",
    );
    expect(await message(file("comma.json", '[{"text":"a"},\n]'))).toBe(
      "CorpusError: FOLDER/comma.json:2 — expected a JSON object, got invalid JSON: " +
        "nothing.\n  Correct or remove this record.",
    );
  });

  test("missing field", async () => {
    const path = file("fields.jsonl", '{"text":"a","id":1}');
    expect(await message(path, "txet")).toBe(
      'CorpusError: FOLDER/fields.jsonl:1 — expected the field "txet", got the fields "text", "id".\n' +
        '  Did you mean "text"?',
    );
    expect(await message(path, "contents")).toBe(
      'CorpusError: FOLDER/fields.jsonl:1 — expected the field "contents", got the fields "text", "id".\n' +
        "  Name one of its fields in `field` or `template`.",
    );
  });

  test("wrong type", async () => {
    expect(await message(file("type.jsonl", '{"text":"a"}\n{"text":null}'))).toBe(
      'CorpusError: FOLDER/type.jsonl:2 — expected a string in the field "text", got null.\n' +
        "  Correct or remove this record, or name another field.",
    );
  });

  test("truncated or damaged gzip", async () => {
    const packed = gzipSync(`${lines}\n`.repeat(50));
    expect(await message(file("cut.jsonl.gz", packed.subarray(0, packed.length - 12)))).toBe(
      "CorpusError: FOLDER/cut.jsonl.gz — expected a complete gzip file, got a truncated one.\n" +
        "  Copy or download it again.",
    );
    expect(await message(file("not.jsonl.gz", lines))).toBe(
      "CorpusError: FOLDER/not.jsonl.gz — expected a complete gzip file, got damaged data.\n" +
        "  Copy or download it again.",
    );
  });

  test("bytes that are not UTF-8", async () => {
    expect(await message(file("latin.txt", Buffer.from("Stra\xdfe", "latin1")))).toBe(
      "CorpusError: FOLDER/latin.txt:1 — expected UTF-8 text, got bytes that are not UTF-8.\n" +
        "  Convert the file to UTF-8, or remove this record.",
    );
  });

  test("no file", async () => {
    expect(await message(join(folder, "whole.text"))).toBe(
      'CorpusError: FOLDER/whole.text — expected a file, got nothing.\n  Did you mean "whole.txt"?',
    );
    expect(await message(join(folder, "none", "*.jsonl"))).toBe(
      "CorpusError: FOLDER/none/*.jsonl — expected at least one file, got no folder FOLDER/none.\n" +
        "  Check the pattern: only the file name may contain *.",
    );
    expect(await message(folder)).toBe(
      "CorpusError: FOLDER — expected a file, got a folder.\n  Name its files, for example with *.jsonl.",
    );
    expect(await message(file("table.xls", "a,b"))).toBe(
      "CorpusError: FOLDER/table.xls — expected the extension .parquet, or .jsonl, .ndjson, .json, .csv, " +
        ".tsv or .txt, optionally with .gz or .zst, got .xls.\n" +
        "  Give the file the extension of its format, or convert it.",
    );
  });
});
