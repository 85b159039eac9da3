import type { DatasetSource } from "./dataset.js";
import { generateRecord } from "./generated/generate-record.js";
import { readRecords, type PlacedRecord } from "./records.js";
import { renderText } from "./render-text.js";

export interface Document extends PlacedRecord {
  readonly text: string;
}

/** Streams the documents of a data set in the order of its files. */
export async function* readDocuments(source: DatasetSource): AsyncIterable<Document> {
  for await (const { record, where } of records(source)) yield { record, where, text: renderText(source.text, record, where) };
}

async function* records(source: DatasetSource): AsyncIterable<PlacedRecord> {
  if ("files" in source) {
    for (const path of source.files) yield* readRecords(path);
    return;
  }
  for (let i = 0; i < source.documents; i++) {
    yield { record: generateRecord(source.generate, source.seed, i), where: `generated ${source.generate} ${i}` };
  }
}
