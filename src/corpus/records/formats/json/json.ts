import { StrataError } from "../../../../errors/strata-error.js";
import type { FileOptions, ReadRecord } from "../../read-record.js";
import { readBytes } from "../read-bytes.js";
import { exactRecord } from "./exact-record.js";
import { parseJson, type JsonText } from "./json-text.js";
import { splitJson } from "./split-json.js";

/**
 * Reads objects one after another, each in one line or in several, and arrays of objects. A string in an array is a
 * record with the field `text`.
 */
export async function* readJson(path: string, options: FileOptions): AsyncIterable<ReadRecord> {
  let count = 0;
  for await (const record of splitJson(readBytes(path, options.onBytes), path)) {
    if (count++ >= options.skip) yield objectOf(record, path, options);
  }
}

function objectOf(source: JsonText, path: string, options: FileOptions): ReadRecord {
  if ("error" in source) return source;
  const { text, line, isElement = false, parsed = parseJson(text) } = source;
  const where = `${path}:${line}`;
  const value = parsed?.value;
  if (value !== null && typeof value === "object" && !Array.isArray(value))
    return { record: exactRecord(value as Record<string, unknown>, text, options), where };
  if (isElement && typeof value === "string") return { record: { text: value }, where };
  const start = text.trim() || "nothing";
  return {
    error: new StrataError("CorpusError", {
      where,
      expected: "a JSON object",
      got: `${parsed === null ? "invalid JSON: " : ""}${start.length > 60 ? `${start.slice(0, 60)}…` : start}`,
      hint: "Correct or remove this record.",
    }),
  };
}
