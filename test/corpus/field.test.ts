import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readDocuments } from "../../src/corpus/documents/documents.js";
import { expandFiles } from "../../src/corpus/records/expand-files.js";
import { readRecordFile } from "../../src/corpus/records/formats/record-file.js";
import type { FileOptions } from "../../src/corpus/records/read-record.js";
import { formatNumber, PythonFloat } from "../../src/text/python-float.js";
import { temporaryFolder } from "../temporary-folder.js";
import { all, messageOf } from "./corpus-fixtures.js";

/** Made by field/make-field-data.py. `records` is null for files that are refused. */
interface Case {
  readonly name: string;
  readonly data: string;
  readonly records: readonly (readonly (readonly [column: string, value: unknown])[])[] | null;
}

const cases = JSON.parse(readFileSync(join(import.meta.dirname, "field/field.json"), "utf8")) as readonly Case[];
const folder = temporaryFolder();

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const fileOf = (name: string) => file(name, Buffer.from(cases.find((one) => one.name === name)?.data ?? "", "base64"));

const read = (path: string, options: Partial<FileOptions> = {}) =>
  all(readRecordFile(path, { fields: null, exactNumbers: true, skip: 0, onBytes: () => {}, ...options }));

/** A value in the form of field.json. */
function plain(value: unknown): unknown {
  if (value instanceof PythonFloat) return { f: formatNumber(value) };
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return { i: formatNumber(value as number | bigint) };
  if (typeof value === "number") return { f: formatNumber(value) };
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Uint8Array) return { b: Buffer.from(value).toString("hex") };
  if (Array.isArray(value)) return value.map(plain);
  return { m: [...(value instanceof Map ? value : Object.entries(value))].map(([key, inner]) => [key, plain(inner)]) };
}

/** JavaScript has another order of columns such as `1`, which no reader depends on. */
const sorted = (columns: readonly (readonly [string, unknown])[]) =>
  [...columns].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

describe("files as users have them: the records that Python reads", () => {
  const readable = cases.filter(({ records }) => records !== null);

  test.each(readable)("$name", async ({ name, records }) => {
    const found = await read(fileOf(name));
    expect(found.flatMap((one) => ("error" in one ? [one.error.message] : []))).toEqual([]);
    expect(
      found.map((one) => "record" in one && sorted(Object.entries(one.record).map(([k, v]) => [k, plain(v)]))),
    ).toEqual(records?.map(sorted));
  });

  test("reading resumes at any record", async () => {
    for (const { name, records } of readable) {
      const path = join(folder, name);
      const whole = (await read(path)).map((one) => "record" in one && JSON.stringify(plain(one.record)));
      for (let skip = 1; skip <= (records?.length ?? 0); skip++) {
        const rest = await read(path, { skip });
        expect(rest.map((one) => "record" in one && JSON.stringify(plain(one.record)))).toEqual(whole.slice(skip));
      }
    }
  });
});

describe("numbers and missing values in texts", () => {
  const texts = async (path: string, template: string) =>
    (await all(readDocuments({ files: [path], text: { template } }))).map(({ text }) => text);
  const message = (path: string, template: string) => messageOf(() => texts(path, template), folder);

  test("a template prints as Python's str, the same from JSON and parquet", async () => {
    const json = file(
      "print.jsonl",
      '{"a":18,"b":18.0,"c":true,"d":null,"e":1e-5,"f":9007199254740993,"g":false,"h":-0.0}\n',
    );
    expect(await texts(json, "{a} {b} {c} {d} {e} {f} {g} {h}")).toEqual([
      "18 18.0 True None 1e-05 9007199254740993 False -0.0",
    ]);
    const parquet = fileOf("every type.parquet");
    expect((await texts(parquet, "{int64} {uint64} {float} {bool} {decimal} {date} {timestamp} {utc}"))[0]).toBe(
      "9007199254740993 18446744073709551615 18.0 True 12.50 2024-02-29 " +
        "1969-12-31 23:59:58.000120 2024-01-01 00:00:00+00:00",
    );
  });

  test("NaN and infinities are refused where a text needs them, and nowhere else", async () => {
    const path = file("nan.jsonl", '{"text":"a","s":NaN}\n{"text":"b","s":-Infinity}\n');
    expect(await texts(path, "{text}")).toEqual(["a", "b"]);
    expect(await message(path, "{text} {s}")).toBe(
      'CorpusError: FOLDER/nan.jsonl:1 — expected a string or a number in the field "s", got NaN.\n' +
        "  Correct or remove this record, or name another field.",
    );
  });

  test("half of a surrogate pair is a bad record", async () => {
    const path = file("half.jsonl", '{"text":"ok \\ud83d\\ude00"}\n{"text":"cut \\ud83d"}\n');
    expect(await message(path, "{text}")).toBe(
      "CorpusError: FOLDER/half.jsonl:2 — expected Unicode text, got half of a surrogate pair, such as \\ud83d " +
        "without \\ude00.\n  Correct or remove this record: the program that wrote it cut a character in two.",
    );
  });

  test("conversations keep the numbers of a record; those without content are documents", async () => {
    const path = file("talk.jsonl", '{"m":[{"role":"user","content":"","id":9007199254740993,"n":2.0}]}\n');
    const [{ messages, text }] = await all(readDocuments({ files: [path], text: { messages: "m" } }));
    expect(messages).toEqual([{ role: "user", content: "", id: 9007199254740993n, n: new PythonFloat(2) }]);
    expect(text).toBe('[{"role":"user","content":"","id":"9007199254740993","n":2}]');
  });

  test("keys that JavaScript would reorder keep their order", async () => {
    const path = file("keys.jsonl", '{"m":[{"role":"user","content":"a","args":{"10":1,"9":2}}]}\n');
    const [{ messages, text }] = await all(readDocuments({ files: [path], text: { messages: "m" } }));
    const args = new Map([
      ["10", 1],
      ["9", 2],
    ]);
    expect(messages).toEqual([{ role: "user", content: "a", args }]);
    expect(text).toBe('[{"role":"user","content":"a","args":[["10",1],["9",2]]}]');
  });
});

describe("broken JSON", () => {
  const lines = async (path: string) =>
    (await read(path)).map((one) => ("error" in one ? one.error.parts.where : one.where).split("/").at(-1));

  test.each([
    ["truncated lines", '{"a":1}\n{"a":\n{"a":{"b":\n{"a":[1\n{"a":5}\n'],
    ["text that is no JSON", '{"a":1}\n[INFO] started\nnothing\n{"a":4}, \n{"a":5}\n'],
    ["a surplus bracket", '{"a":1}\n[{"a":2}\n{"a":3\n{"a":4}]\n{"a":5}\n'],
    ["an open string", '{"a":1}\n{"a":"2\n{"a":"3}\n{"a":tru}\n{"a":5}\n'],
  ])("each broken line is reported by its number, the others are read: %s", async (name, content) => {
    const path = file(`${name}.jsonl`, content);
    expect(await lines(path)).toEqual([1, 2, 3, 4, 5].map((line) => `${name}.jsonl:${line}`));
    const found = await read(path);
    expect([0, 4].map((i) => found[i])).toEqual([1, 5].map((a) => expect.objectContaining({ record: { a } })));
    expect(found.slice(1, 4).every((one) => "error" in one)).toBe(true);
  });

  test("an object in several lines is one bad record", async () => {
    const path = file("pretty.json", '{\n "a": 1\n}\n{\n "a": oops,\n "b": {}\n}\n{\n "a": 3\n}\n');
    expect(await lines(path)).toEqual(["pretty.json:1", "pretty.json:4", "pretty.json:8"]);
  });

  test("an object that is too long is skipped, also in several lines", async () => {
    const path = file("long.json", `{\n"a": "${"x".repeat(7 * 2 ** 20)}"\n}\n{"a":2}{"a":3}`);
    expect(await lines(path)).toEqual(["long.json:1", "long.json:4", "long.json:4"]);
  });

  test("a list of lists is no list of texts", async () => {
    expect(await lines(file("rows.jsonl", '["a"]\n["b","c"]\n[1,2]\n'))).toEqual(
      [1, 2, 2, 3].map((line) => `rows.jsonl:${line}`),
    );
    expect((await read(join(folder, "rows.jsonl"))).map((one) => "error" in one)).toEqual([false, true, true, true]);
  });
});

describe("refused by name", () => {
  const message = (path: string, fields: readonly string[] | null = null) =>
    messageOf(() => read(path, { fields }), folder);

  test("a table with another separator", async () => {
    expect(await message(file("semicolon.csv", "id;text\n1;a\n"), ["text"])).toBe(
      'CorpusError: FOLDER/semicolon.csv — expected columns separated by a comma, got the header "id;text".\n' +
        "  Its columns are separated by ;: convert the file to commas.",
    );
    expect(await message(file("comma.tsv", "id,text\n1,a\n"), ["text"])).toBe(
      'CorpusError: FOLDER/comma.tsv — expected columns separated by a tab, got the header "id,text".\n' +
        "  Its columns are separated by commas: give the file the extension .csv.",
    );
  });

  test.each([
    [
      "two of a name.parquet",
      "text",
      ' — expected one column "text", got 2.\n  Write the file again with another name for each column.',
    ],
    [
      "an encrypted footer.parquet",
      "text",
      " — expected a parquet file in the clear, got an encrypted one.\n  Write the file again without encryption.",
    ],
    [
      "an encrypted column.parquet",
      "secret",
      " secret — expected a column that this file holds in the clear, got an encrypted one.\n" +
        "  Write the file again, without encryption and in one piece, or use another column.",
    ],
  ])("%s, and only where it is used", async (name, column, expected) => {
    const path = fileOf(name);
    expect(await message(path, [column])).toBe(`CorpusError: FOLDER/${name}${expected}`);
    if (column === "secret") expect(await read(path, { fields: ["text"] })).toHaveLength(2);
    else if (!name.includes("footer")) expect(await read(path, { fields: ["other"] })).toHaveLength(1);
  });

  test.each([
    ["utf-16.jsonl", Buffer.from("\ufeff{}", "utf16le"), "UTF-16 text"],
    ["utf-16-be.csv", Buffer.from("\0t\0e\0x\0t\0\n\0a", "latin1"), "UTF-16 text"],
    ["utf-16.txt.gz", gzipSync(Buffer.from("text", "utf16le")), "UTF-16 text"],
    ["table.csv", "PAR1....PAR1", "a parquet file"],
    ["archive.jsonl", "PK\u0003\u0004....", "a zip archive"],
    ["packed.txt", Buffer.from("fd377a585a0000", "hex"), "xz data"],
    ["packed.json", "BZh91AY&SY", "bzip2 data"],
  ])("another content than the name says: %s", async (name, content, kind) => {
    expect((await message(file(name, content))).split("\n")[0]).toBe(
      `CorpusError: FOLDER/${name} — expected text in UTF-8, got ${kind}.`,
    );
  });

  test("another compression", async () => {
    expect((await message(file("a.jsonl.bz2", "BZh"))).split("got")[1]).toBe(
      " .bz2.\n  Decompress the file, or compress it with gzip or zstd instead.",
    );
  });
});

describe("names of files", () => {
  const shown = async (path: string) => (await read(path)).map((one) => "record" in one && one.record);

  test("extensions in upper case, and gzip without its extension", async () => {
    expect(await shown(file("UPPER.JSONL", '{"a":"b"}'))).toEqual([{ a: "b" }]);
    expect(await shown(file("UPPER.CSV.GZ", gzipSync("a\nb\n")))).toEqual([{ a: "b" }]);
    expect(await shown(file("packed.jsonl", gzipSync('{"a":"b"}')))).toEqual([{ a: "b" }]);
  });

  test("brackets are part of a name, hidden files match no star, links are followed", async () => {
    for (const name of ["n/a[1].jsonl", "n/._b.jsonl", "n/.c.jsonl", "n/d.jsonl", "n/e.jsonl/f.jsonl"]) file(name, "");
    symlinkSync("d.jsonl", join(folder, "n/link.jsonl"));
    symlinkSync("loop.jsonl", join(folder, "n/loop.jsonl"));
    const names = (pattern: string) =>
      expandFiles([join(folder, pattern)]).map((path) => path.slice(folder.length + 3));
    expect(names("n/*.jsonl")).toEqual(["a[1].jsonl", "d.jsonl", "link.jsonl"]);
    expect(names("n/a[1].jsonl")).toEqual(["a[1].jsonl"]);
    expect(names("n/.*.jsonl")).toEqual(["._b.jsonl", ".c.jsonl"]);
  });

  test.each([
    ["n\\d.jsonl", "Did you mean", "nothing"],
    ["*/d.jsonl", "Only the file name may contain *", "nothing"],
    ["n/loop.jsonl", "Did you mean", "nothing"],
    ["n/e.jsonl", "Name its files", "a folder"],
  ])("a path without file: %s", async (path, hint, got) => {
    const [first, second] = (await messageOf(() => expandFiles([join(folder, path)]), folder)).split("\n");
    expect(first).toBe(`CorpusError: FOLDER/${path} — expected a file, got ${got}.`);
    expect(second).toContain(hint);
  });
});
