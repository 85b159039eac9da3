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
  const records = await readRecords(files, Infinity);
  if (records.records.length === 0) throw noDocuments(files);
  return toDocuments(records, form, files.every(hasTypes), (await readRecords(first, inferredBytes)).records);
}

/**
 * The documents of records. Without types, the columns of all of them become those of all, as the library does.
 *
 * @param form  of the data set, if it is known: the lines of its authors get the hub's columns, and its columns are
 *              checked
 * @param typed  whether their files have types of columns
 * @param first  records whose columns and types count, too
 */
export function toDocuments(
  { records, places }: PlacedRecords,
  form: HubForm | null,
  typed: boolean,
  first: readonly DataRecord[] = [],
): SplitDocuments {
  const documents = records.map((record, i) => toDocument(inForm(record, places[i], form)));
  if (typed) return { documents, places };
  return { documents: unifyRecords([...first.map(toDocument), ...documents]).slice(first.length), places };
}

/** A record in the hub's columns. @throws StrataError for a missing column, or an answer that is no choice */
export function inForm(record: DataRecord, where: string, form: HubForm | null): DataRecord {
  const inHubColumns = form?.fromAuthors(record, where) ?? record;
  form?.check(inHubColumns, where);
  return inHubColumns;
}

/** Whether the columns of a file have types; those of JSON follow from its values. */
export function hasTypes(file: string): boolean {
  return isTable(file) || /\.parquet$/i.test(file);
}

/** The start of a split from which the library infers the types of all splits. */
const inferredBytes = 10 * 2 ** 20;

function toDocument(record: DataRecord): Dict {
  return fromJson(record) as Dict;
}

export interface PlacedRecords {
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

/** Whether a file has rows of texts, whose types `typeCsvColumns` finds. */
export function isTable(file: string): boolean {
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
