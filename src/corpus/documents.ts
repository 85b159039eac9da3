import type { DatasetSource } from "./dataset.js";
import { readRecords, renderText, type PlacedRecord } from "./records.js";

export interface Document extends PlacedRecord {
  readonly text: string;
}

/** Streams the documents of a data set in the order of its files. @throws StrataError naming file and line */
export async function* readDocuments(source: DatasetSource): AsyncIterable<Document> {
  for await (const { record, where } of readRecords(source)) {
    yield { text: renderText(source.text, record, where), record, where };
  }
}
