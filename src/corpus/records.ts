import { StrataError } from "../tensor/errors.js";
import type { DatasetSource } from "./dataset.js";
import { expandFiles } from "./expand-files.js";
import { generateRecord } from "./generated/generate-record.js";
import { splitArray } from "./json-array.js";
import { readParquet } from "./formats/parquet.js";
import { readBytes } from "./read-bytes.js";
import type { PlacedRecord } from "./read-record.js";
import { splitBytes } from "./split-bytes.js";

export { renderText } from "./render-text.js";
export type { PlacedRecord } from "./read-record.js";

/** What stands between the documents of a `.txt` file that holds several. */
export const documentSeparator = "<|endoftext|>";

/** Streams the records of a data set, file by file. @throws StrataError naming file and line */
export async function* readRecords(source: DatasetSource): AsyncIterable<PlacedRecord> {
  if ("generate" in source) {
    for (let i = 0; i < source.documents; i++) {
      yield { record: generateRecord(source.generate, source.seed, i), where: `generated ${source.generate} ${i}` };
    }
    return;
  }
  for (const path of expandFiles(source.files)) yield* readFileRecords(path);
}

/**
 * By the ending of the file, each also with `.gz`: `.jsonl` one object a line; `.json` an array of objects, or one object
 * a line; `.txt` documents between `<|endoftext|>`, without the line breaks around them, each as `{ text }`; and
 * `.parquet`.
 */
function readFileRecords(path: string): AsyncIterable<PlacedRecord> {
  if (path.endsWith(".parquet")) return readTable(path);
  const ending = /\.(jsonl|json|txt)(\.gz)?$/.exec(path)?.[1];
  if (ending === "jsonl") return readLines(path);
  if (ending === "json") return readJson(path);
  if (ending === "txt") return readTexts(path);
  throw new StrataError("CorpusError", {
    where: path,
    expected: "a file ending in .parquet or in .jsonl, .json or .txt, these also with .gz",
    got: /\.[^./\\]*$/.exec(path)?.[0] ?? "no ending",
    hint: "Rename the file to what it holds, or convert it.",
  });
}

async function* readTable(path: string): AsyncIterable<PlacedRecord> {
  for await (const read of readParquet(path, { columns: null, skip: 0, onBytes: () => {} })) {
    if ("error" in read) throw read.error;
    yield read;
  }
}

async function* readJson(path: string): AsyncIterable<PlacedRecord> {
  if ((await firstLetter(path)) !== "[") return yield* readLines(path);
  for await (const { text, line } of splitArray(readBytes(path), path)) {
    const where = `${path}:${line}`;
    yield { record: parseObject(text, where), where };
  }
}

async function firstLetter(path: string): Promise<string | null> {
  for await (const chunk of readBytes(path)) {
    const letter = /[^\s\ufeff]/.exec(chunk.toString("utf8"));
    if (letter) return letter[0];
  }
  return null;
}

async function* readTexts(path: string): AsyncIterable<PlacedRecord> {
  for await (const { text: piece, line } of splitBytes(readBytes(path), documentSeparator, path)) {
    const text = piece.replace(/^[\r\n]+/, "").replace(/[\r\n]+$/, "");
    const skipped = piece.slice(0, piece.indexOf(text)).split("\n").length - 1;
    if (text.trim() !== "") yield { record: { text }, where: `${path}:${line + skipped}` };
  }
}

async function* readLines(path: string): AsyncIterable<PlacedRecord> {
  for await (const { text, line } of splitBytes(readBytes(path), "\n", path)) {
    const where = `${path}:${line}`;
    if (text.trim() !== "") yield { record: parseObject(text, where), where };
  }
}

function parseObject(text: string, where: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  let cause: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    cause = error;
  }
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  const start = text.trim() || "nothing";
  throw new StrataError("CorpusError", {
    where,
    expected: "a JSON object",
    got: `${cause ? "JSON that does not parse: " : ""}${start.length > 60 ? `${start.slice(0, 60)}…` : start}`,
    hint: "Correct or remove this record.",
  }, { cause });
}
