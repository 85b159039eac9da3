import { StrataError } from "../../../errors/strata-error.js";
import type { FileOptions, ReadRecord } from "../read-record.js";
import { readCsv } from "./csv.js";
import { readJson, readJsonLines } from "./json.js";
import { readPlainText } from "./plain-text.js";

type Reader = (path: string, options: FileOptions) => AsyncIterable<ReadRecord>;

const readers: Readonly<Record<string, Reader>> = {
  jsonl: readJsonLines,
  json: readJson,
  csv: (path, options) => readCsv(path, ",", options),
  tsv: (path, options) => readCsv(path, "\t", options),
  txt: readPlainText,
};

/**
 * The records of a file, by its ending: `.parquet`; and, each also with `.gz` or `.zst`, `.jsonl` one object a line, `.json`
 * an array of objects or one object a line, `.csv` and `.tsv` with a header, `.txt` documents between `<|endoftext|>`.
 *
 * @throws DamagedFile where the rest of the file cannot be read
 * @throws StrataError for another ending, or a file that cannot be opened
 */
export function readRecordFile(path: string, options: FileOptions): AsyncIterable<ReadRecord> {
  if (path.endsWith(".parquet")) return readTable(path, options);
  const ending = /\.(\w+)(\.gz|\.zst)?$/.exec(path)?.[1] ?? "";
  if (Object.hasOwn(readers, ending)) return readers[ending](path, options);
  throw new StrataError("CorpusError", {
    where: path,
    expected: "a file ending in .parquet or in .jsonl, .json, .csv, .tsv or .txt, these also with .gz or .zst",
    got: /\.[^./\\]*$/.exec(path)?.[0] ?? "no ending",
    hint: "Rename the file to what it holds, or convert it.",
  });
}

/** Loads what unpacks tables only where there is one. */
async function* readTable(path: string, options: FileOptions): AsyncIterable<ReadRecord> {
  const { readParquet } = await import("./parquet.js");
  yield* readParquet(path, options);
}
