import { StrataError } from "../../../errors/strata-error.js";
import type { FileOptions, ReadRecord } from "../read-record.js";
import { splitArray } from "./json-array.js";
import { readBytes } from "./read-bytes.js";
import { splitBytes, type RecordText } from "./split-bytes.js";

/** One object per line; empty lines are skipped. */
export async function* readJsonLines(path: string, { skip, onBytes }: FileOptions): AsyncIterable<ReadRecord> {
  let count = 0;
  for await (const line of splitBytes(readBytes(path, onBytes), "\n", path)) {
    const isEmpty = "text" in line && line.text.trim() === "";
    if (!isEmpty && count++ >= skip) yield objectOf(line, path);
  }
}

/** An array of objects, or one object per line. */
export async function* readJson(path: string, options: FileOptions): AsyncIterable<ReadRecord> {
  if ((await firstCharacter(path)) !== "[") return yield* readJsonLines(path, options);
  let count = 0;
  for await (const element of splitArray(readBytes(path, options.onBytes), path)) {
    if (count++ >= options.skip) yield objectOf(element, path);
  }
}

async function firstCharacter(path: string): Promise<string | null> {
  for await (const chunk of readBytes(path)) {
    const match = /[^\s\ufeff]/.exec(chunk.toString("utf8"));
    if (match) return match[0];
  }
  return null;
}

function objectOf(source: RecordText, path: string): ReadRecord {
  if ("error" in source) return source;
  const { text, line } = source;
  const where = `${path}:${line}`;
  let value: unknown;
  let cause: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    cause = error;
  }
  if (value !== null && typeof value === "object" && !Array.isArray(value))
    return { record: value as Record<string, unknown>, where };
  const start = text.trim() || "nothing";
  return {
    error: new StrataError(
      "CorpusError",
      {
        where,
        expected: "a JSON object",
        got: `${cause ? "invalid JSON: " : ""}${start.length > 60 ? `${start.slice(0, 60)}…` : start}`,
        hint: "Correct or remove this record.",
      },
      { cause },
    ),
  };
}
