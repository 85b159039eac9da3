import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { documentSeparator } from "../../src/corpus/records/formats/plain-text.js";
import { usualSeparator } from "../../src/corpus/records/formats/usual-separator.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const written = (name: string, text: string | Buffer) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test.each([
  ["that contains it", `one\n\ntwo${documentSeparator}three\n\nfour`, documentSeparator],
  ["without it has a document per paragraph", "one\none\n\ntwo\n\n\nthree", "\n\n"],
  ["from Windows too", "one\r\n\r\ntwo", "\r\n\r\n"],
  ["without blank lines has a document per line", "one\ntwo\n", "\n"],
  ["of one line is one document", "one", documentSeparator],
  ["that is empty has none", "", documentSeparator],
])("a single text file %s", async (_, text, separator) => {
  expect(await usualSeparator([written("a.txt", text)])).toBe(separator);
  expect(await usualSeparator([written("a.txt.gz", gzipSync(text))])).toBe(separator);
});

test("several files, and files that are no text, keep the usual separator", async () => {
  const [one, two] = [written("1.txt", "a\n\nb"), written("2.txt", "c\n\nd")];
  expect(await usualSeparator([one, two])).toBe(documentSeparator);
  expect(await usualSeparator([written("a.jsonl", '{"text": "a"}\n\n{"text": "b"}\n')])).toBe(documentSeparator);
});

test("only the first MiB is searched", async () => {
  const late = `${"a ".repeat(2 ** 19)}\n\nb${documentSeparator}c`;
  expect(await usualSeparator([written("late.txt", late)])).toBe(documentSeparator);
});
