import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { StrataError } from "../tensor/errors.js";

/** One record of a file and its place there. */
export interface PlacedRecord {
  readonly record: Readonly<Record<string, unknown>>;
  readonly where: string;
}

/** What separates documents in plain text files, as in TinyStories. */
const separator = "<|endoftext|>";

/**
 * Streams the records of a file by its ending: `.jsonl` (one JSON object a line), `.json` (one array), `.txt` (documents
 * between `<|endoftext|>`, else the whole file; each as `{ text }`); all also with `.gz`.
 *
 * @throws StrataError with file and line for what cannot be read
 */
export async function* readRecords(path: string): AsyncIterable<PlacedRecord> {
  const name = path.replace(/\.gz$/, "");
  if (name.endsWith(".jsonl")) yield* readJsonLines(path);
  else if (name.endsWith(".txt")) yield* readPlainText(path);
  else if (path.endsWith(".json")) yield* readJsonArray(path);
  else throw unreadable(path, "a file ending in .jsonl, .json, .txt or one of them with .gz", name.split(".").pop() ?? "");
}

function unreadable(where: string, expected: string, got: string, cause?: unknown): StrataError {
  const hint = "Repair or remove the line, or the file, and run again.";
  return new StrataError("CorpusError", { where, expected, got, hint }, { cause });
}

async function* readLines(path: string): AsyncIterable<string> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const input = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  let failure: unknown = null;
  // readline ends silently when its input fails, so the failure is kept and raised after the last whole line.
  const keep = (error: unknown) => {
    failure ??= error;
    lines.close();
  };
  const lines = createInterface({ input, crlfDelay: Infinity });
  file.on("error", keep);
  input.on("error", keep);
  yield* lines;
  if (failure) throw unreadable(path, "a whole file", String((failure as Error).message ?? failure), failure);
}

async function* readJsonLines(path: string): AsyncIterable<PlacedRecord> {
  let number = 0;
  for await (const line of readLines(path)) {
    number++;
    if (line.trim() === "") continue;
    const where = `${path}:${number}`;
    yield { record: asObject(parse(line, where), where), where };
  }
}

function* readJsonArray(path: string): Iterable<PlacedRecord> {
  const records = parse(readFileSync(path, "utf8"), path);
  if (!Array.isArray(records)) throw unreadable(path, "a JSON array of objects", typeof records);
  for (const [i, record] of records.entries()) yield { record: asObject(record, `${path}[${i}]`), where: `${path}[${i}]` };
}

async function* readPlainText(path: string): AsyncIterable<PlacedRecord> {
  let text = "";
  let number = 0;
  for await (const line of readLines(path)) {
    text += `${line}\n`;
    if (!line.includes(separator)) continue;
    const pieces = text.split(separator);
    text = pieces.pop() ?? "";
    for (const piece of pieces) if (piece.trim() !== "") yield { record: { text: piece.trim() }, where: `${path}#${++number}` };
  }
  if (text.trim() !== "") yield { record: { text: text.trim() }, where: `${path}#${++number}` };
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(where, "JSON", text.slice(0, 40), error);
  }
}

function asObject(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw unreadable(where, "a JSON object", JSON.stringify(value).slice(0, 40));
}
