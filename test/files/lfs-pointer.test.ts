import { copyFileSync, cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { importLlama2cVocabulary } from "../../src/convert/llama2c/import-vocabulary.js";
import { importLlama2c } from "../../src/convert/llama2c/import-model.js";
import { readRecordFile } from "../../src/corpus/records/formats/record-file.js";
import { lfsPointerSize } from "../../src/files/lfs-pointer.js";
import { sourceFile, sourceFolder } from "../../src/jobs/source-file.js";
import { openModelFolder } from "../../src/model/files/model-folder.js";
import { loadRecipe } from "../../src/recipe/load-recipe.js";
import { exportModelFolder } from "../../src/run/export-model.js";
import { openChatTemplate } from "../../src/tokenizer/chat/chat-template.js";
import { openTokenizer } from "../../src/tokenizer/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { all, messageOf, newFolder } from "../corpus/corpus-fixtures.js";

const oid = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 123456789\n`;
const folder = temporaryFolder();
const refusal = (path: string) =>
  `FileError: ${path.replaceAll(folder, "FOLDER")} — expected the content of the file, got a Git LFS pointer to it.` +
  "\n  Run `git lfs pull` in its repository to download the content (123,456,789 bytes), or download the file itself.";

test.each([
  ["version 1", pointer],
  ["version 1 under its first name", pointer.replace("git-lfs", "hawser")],
  ["the version before it", pointer.replace("https://git-lfs.github.com/spec/v1", "http://git-media.io/v/2")],
  ["line breaks of Windows", pointer.replaceAll("\n", "\r\n")],
  ["a byte order mark", `\ufeff${pointer}`],
  ["no last line break", pointer.trimEnd()],
  ["line breaks of old Macs", pointer.replaceAll("\n", "\r")],
  ["blank lines and spaces around lines", `\n \n${pointer.replaceAll("\n", " \n\n")}`],
  ["extensions", pointer.replace("oid", `ext-0-foo sha256:${oid}\noid`)],
])("a pointer is recognized: %s", (_, text) => {
  expect(lfsPointerSize(Buffer.from(text))).toBe(123456789);
});

test.each([
  ["a text about its first line", "version https://git-lfs.github.com/spec/v1\nis the first line of a pointer.\n"],
  ["a quoted pointer", `${pointer}\nThis is a pointer.\n`],
  ["a quoted pointer with a comment of its form", `${pointer}is a pointer.\n`],
  ["another version", pointer.replace("spec/v1", "spec/v9")],
  ["no object id", pointer.replace(/oid.*\n/, "")],
  ["text before it", `A pointer:\n${pointer}`],
  ["a larger file", `${pointer}${"x-1 y\n".repeat(200)}`],
  ["an empty file", ""],
])("a pointer is not: %s", (_, text) => {
  expect(lfsPointerSize(Buffer.from(text))).toBeNull();
});

const formats = [
  "txt",
  "jsonl",
  "json",
  "csv",
  "tsv",
  "parquet",
  "txt.gz",
  "jsonl.gz",
  "csv.gz",
  "json.zst",
  "txt.zst",
];

test.each(formats)("a data file .%s that is a pointer is refused, also by its hash for a plan", async (format) => {
  const path = join(folder, `stories.${format}`);
  writeFileSync(path, pointer);
  const read = () => all(readRecordFile(path, { fields: null, skip: 0, onBytes: () => {} }));
  expect(await messageOf(read, folder)).toBe(refusal(path));
  expect(await messageOf(() => sourceFile(path), folder)).toBe(refusal(path));
});

test("a compressed pointer is refused, a text about pointers is read", async () => {
  const path = join(folder, "packed.txt.gz");
  writeFileSync(path, gzipSync(pointer));
  const read = (file: string) => all(readRecordFile(file, { fields: null, skip: 0, onBytes: () => {} }));
  expect(await messageOf(() => read(path), folder)).toBe(refusal(path));
  const about = join(folder, "about.txt");
  writeFileSync(about, `${pointer}\nis a pointer.`);
  expect(await read(about)).toEqual([{ record: { text: `${pointer}\nis a pointer.` }, where: `${about}:1` }]);
});

const pico = join(import.meta.dirname, "../golden/pico-llama/untied");

test.each(["config.json", "generation_config.json", "model.safetensors", "model.safetensors.index.json"])(
  "a model folder with a pointer as %s is refused",
  async (name) => {
    const model = newFolder(folder);
    cpSync(pico, model, { recursive: true });
    if (name.endsWith("index.json")) rmSync(join(model, "model.safetensors"));
    writeFileSync(join(model, name), pointer);
    expect(await messageOf(() => openModelFolder(model), folder)).toBe(refusal(join(model, name)));
  },
);

test.each([
  "tokenizer.json",
  "tokenizer.model",
  "vocab.json",
  "merges.txt",
  "tokenizer_config.json",
  "chat_template.jinja",
])("a tokenizer folder with a pointer as %s is refused", async (name) => {
  const tokenizer = newFolder(folder);
  if (!["tokenizer.json", "tokenizer.model"].includes(name)) {
    writeFileSync(join(tokenizer, "vocab.json"), '{"a":0,"<|endoftext|>":1}');
    writeFileSync(join(tokenizer, "merges.txt"), "");
  }
  writeFileSync(join(tokenizer, name), pointer);
  const open = name.endsWith("jinja") ? openChatTemplate : openTokenizer;
  expect(await messageOf(() => open(tokenizer), folder)).toBe(refusal(join(tokenizer, name)));
});

test("pointers are refused as files of llama2.c and as recipes", async () => {
  const path = join(folder, "pointer");
  writeFileSync(path, pointer);
  for (const read of [importLlama2c, importLlama2cVocabulary, (file: string) => loadRecipe(file, [])])
    expect(await messageOf(() => read(path, folder), folder)).toBe(refusal(path));
});

test("a model folder may have pointers to files that are not used", async () => {
  const model = newFolder(folder);
  copyFileSync(join(pico, "config.json"), join(model, "config.json"));
  writeFileSync(join(model, "pytorch_model.bin"), pointer);
  expect((await sourceFolder(model)).map(({ path }) => path)).toEqual(
    ["config.json", "pytorch_model.bin"].map((name) => join(model, name)),
  );
});

test("a copy of a model folder is refused if a tokenizer file is a pointer", async () => {
  const model = newFolder(folder);
  cpSync(pico, model, { recursive: true });
  writeFileSync(join(model, "README.md"), pointer);
  const copy = () => exportModelFolder(model, { folder: join(newFolder(folder), "copy"), shardBytes: 1e9 });
  await copy();
  writeFileSync(join(model, "tokenizer.json"), pointer);
  expect(await messageOf(copy, folder)).toBe(refusal(join(model, "tokenizer.json")));
});
