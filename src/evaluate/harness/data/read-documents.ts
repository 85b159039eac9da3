import { readRecordFile } from "../../../corpus/records/formats/record-file.js";
import { StrataError } from "../../../errors/strata-error.js";
import { fromJson } from "../../../text/jinja/from-json.js";
import type { Dict } from "../../../text/jinja/values/value.js";
import type { DataRecord } from "../../task/record.js";
import { typeCsvColumns } from "./csv-columns.js";
import type { HubForm } from "./hub-columns/hub-form.js";
import { unifyRecords } from "./unify-columns.js";

/** The documents of a split, as the `datasets` library holds them. */
export interface SplitDocuments {
  readonly documents: readonly Dict[];
  /** Of each document, its file and line, or its file and row. */
  readonly places: readonly string[];
}

/**
 * Reads and checks all documents of a split.
 *
 * @param form  of the data set, if it is known: the lines of its authors get the hub's columns, and its columns are
 *              checked
 * @param first  files of the first split, whose columns and types the library gives to all splits of JSON files; empty
 *               if this is the first
 * @throws StrataError naming the file and the line, for a bad line, a missing column or an answer that is no choice;
 *         or if there are no documents
 */
export async function readDocuments(
  files: readonly string[],
  form: HubForm | null,
  first: readonly string[] = [],
): Promise<SplitDocuments> {
  const { records, places } = await readRecords(files, Infinity);
  if (records.length === 0) throw noDocuments(files);
  const inHubColumns = records.map((record, i) => form?.fromAuthors(record, places[i]) ?? record);
  for (const [i, record] of inHubColumns.entries()) form?.check(record, places[i]);
  const documents = inHubColumns.map(toDocument);
  // The columns of these files have types.
  if (files.every((file) => isTable(file) || /\.parquet$/i.test(file))) return { documents, places };
  const others = (await readRecords(first, inferredBytes)).records.map(toDocument);
  return { documents: unifyRecords([...others, ...documents]).slice(others.length), places };
}

/** The start of a split from which the library infers the types of all splits. */
const inferredBytes = 10 * 2 ** 20;

function toDocument(record: DataRecord): Dict {
  return fromJson(record) as Dict;
}

interface PlacedRecords {
  readonly records: readonly DataRecord[];
  readonly places: readonly string[];
}

/** @param maxBytes  of each file; the record that passes them is the last */
async function readRecords(files: readonly string[], maxBytes: number): Promise<PlacedRecords> {
  const [records, places]: [DataRecord[], string[]] = [[], []];
  for (const file of files) {
    const rows: DataRecord[] = [];
    let bytes = 0;
    const onBytes = (count: number) => void (bytes += count);
    for await (const read of readRecordFile(file, { fields: null, exactNumbers: true, skip: 0, onBytes })) {
      if ("error" in read) throw read.error;
      rows.push(read.record);
      places.push(read.where);
      if (bytes > maxBytes) break;
    }
    for (const record of isTable(file) ? typeCsvColumns(rows) : rows) records.push(record);
  }
  return { records, places };
}

function isTable(file: string): boolean {
  return /\.[ct]sv(\.gz|\.zst)?$/i.test(file);
}

function noDocuments(files: readonly string[]): StrataError {
  return new StrataError("EvaluationError", {
    where: files.join(", "),
    expected: "at least one document",
    got: "none",
    hint: "Check the file: it may be empty, or its download incomplete.",
  });
}
