import { StrataError } from "../../../errors/strata-error.js";
import type { FileOptions, ReadRecord } from "../read-record.js";
import { readCsv } from "./csv/csv.js";
import { readJson } from "./json/json.js";
import { readPlainText } from "./plain-text.js";

type Reader = (path: string, options: FileOptions) => AsyncIterable<ReadRecord>;

const readers: Readonly<Record<string, Reader>> = {
  jsonl: readJson,
  ndjson: readJson,
  json: readJson,
  csv: (path, options) => readCsv(path, ",", options),
  tsv: (path, options) => readCsv(path, "\t", options),
  txt: readPlainText,
};

/** Extensions of compressed files that are not read. */
const packed = [".bz2", ".xz", ".lzma", ".lz4", ".br", ".zip", ".7z", ".rar", ".tar", ".tgz"];

/**
 * Reads the records of a file. The format follows from its extension, in upper or lower case; all but `.parquet` may be
 * followed by `.gz` or `.zst`:
 *
 * - `.parquet`: one record per row
 * - `.jsonl`, `.ndjson`, `.json`: objects one after another, usually one per line, or an array of objects
 * - `.csv`, `.tsv`: rows under a header
 * - `.txt`: documents separated by `<|endoftext|>` or another separator
 *
 * @throws DamagedFile where the rest of the file cannot be read
 * @throws StrataError for another extension, or a file that cannot be opened
 */
export function readRecordFile(path: string, options: FileOptions): AsyncIterable<ReadRecord> {
  const name = path.toLowerCase();
  if (name.endsWith(".parquet")) return readTable(path, options);
  const extension = /\.(\w+)(\.gz|\.zst)?$/.exec(name)?.[1] ?? "";
  if (Object.hasOwn(readers, extension)) return readers[extension](path, options);
  const got = /\.[^./\\]*$/.exec(path)?.[0] ?? "no extension";
  throw new StrataError("CorpusError", {
    where: path,
    expected: "the extension .parquet, or .jsonl, .ndjson, .json, .csv, .tsv or .txt, optionally with .gz or .zst",
    got,
    hint: packed.includes(got.toLowerCase())
      ? "Decompress the file, or compress it with gzip or zstd instead."
      : "Give the file the extension of its format, or convert it.",
  });
}

/** Imports the parquet decoders only when a parquet file is read. */
async function* readTable(path: string, options: FileOptions): AsyncIterable<ReadRecord> {
  const { readParquet } = await import("./parquet/parquet.js");
  yield* readParquet(path, options);
}
