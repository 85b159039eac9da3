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
 * @throws StrataError naming the file and the line, for a bad line, a missing column or an answer that is no choice;
 *         or if there are no documents
 */
export async function readDocuments(files: readonly string[], form: HubForm | null): Promise<SplitDocuments> {
  const records: DataRecord[] = [];
  const places: string[] = [];
  for (const file of files) {
    const rows: DataRecord[] = [];
    for await (const read of readRecordFile(file, fileOptions)) {
      if ("error" in read) throw read.error;
      rows.push(read.record);
      places.push(read.where);
    }
    for (const record of isTable(file) ? typeCsvColumns(rows) : rows) records.push(record);
  }
  if (records.length === 0) throw noDocuments(files);
  const inHubColumns = records.map((record, i) => form?.fromAuthors(record, places[i]) ?? record);
  for (const [i, record] of inHubColumns.entries()) form?.check(record, places[i]);
  const documents = inHubColumns.map((record) => fromJson(record) as Dict);
  // The columns of these files have types.
  const isTyped = files.every((file) => isTable(file) || /\.parquet$/i.test(file));
  return { documents: isTyped ? documents : unifyRecords(documents), places };
}

const fileOptions = { fields: null, exactNumbers: true, skip: 0, onBytes: () => {} };

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
