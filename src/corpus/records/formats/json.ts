import { StrataError } from "../../../errors/strata-error.js";
import type { FileOptions, ReadRecord } from "../read-record.js";
import { splitArray } from "./json-array.js";
import { readBytes } from "./read-bytes.js";
import { splitBytes, type TextPiece } from "./split-bytes.js";

/** One object a line; empty lines are left out. */
export async function* readJsonLines(path: string, { skip, onBytes }: FileOptions): AsyncIterable<ReadRecord> {
  let count = 0;
  for await (const piece of splitBytes(readBytes(path, onBytes), "\n", path)) {
    const isEmpty = "text" in piece && piece.text.trim() === "";
    if (!isEmpty && count++ >= skip) yield objectOf(piece, path);
  }
}

/** An array of objects, or one object a line. */
export async function* readJson(path: string, options: FileOptions): AsyncIterable<ReadRecord> {
  if ((await firstLetter(path)) !== "[") return yield* readJsonLines(path, options);
  let count = 0;
  for await (const piece of splitArray(readBytes(path, options.onBytes), path)) {
    if (count++ >= options.skip) yield objectOf(piece, path);
  }
}

async function firstLetter(path: string): Promise<string | null> {
  for await (const chunk of readBytes(path)) {
    const letter = /[^\s\ufeff]/.exec(chunk.toString("utf8"));
    if (letter) return letter[0];
  }
  return null;
}

function objectOf(piece: TextPiece, path: string): ReadRecord {
  if ("error" in piece) return piece;
  const { text, line } = piece;
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
        got: `${cause ? "JSON that does not parse: " : ""}${start.length > 60 ? `${start.slice(0, 60)}…` : start}`,
        hint: "Correct or remove this record.",
      },
      { cause },
    ),
  };
}
