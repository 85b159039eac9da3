import type { DatasetSource } from "../documents/dataset.js";
import { expandFiles } from "./expand-files.js";
import { readRecordFile } from "./formats/record-file.js";
import { generateRecord } from "../synthetic/generate-record.js";
import { DamagedFile, type FileOptions, type ReadRecord } from "./read-record.js";

/** A position in a data set: the index of a file, and how many of its records were read. */
export interface RecordPosition {
  readonly file: number;
  readonly record: number;
}

/** A record or its error, and the position after it. */
export type PositionedRecord = ReadRecord & { readonly next: RecordPosition };

export interface ReadingOptions extends Partial<Pick<FileOptions, "fields" | "onBytes">> {
  readonly from?: RecordPosition;
}

export const firstRecord: RecordPosition = { file: 0, record: 0 };

/**
 * Streams the records of a data set, file by file. Yields an error in place of a bad record or of the damaged rest of
 * a file.
 *
 * @throws StrataError for a file that cannot be opened
 */
export async function* readRecords(
  source: DatasetSource,
  options: ReadingOptions = {},
): AsyncIterable<PositionedRecord> {
  const { from = firstRecord, fields = null, onBytes = () => {} } = options;
  if ("synthetic" in source) {
    for (let i = from.record; i < source.documents; i++) {
      const record = generateRecord(source.synthetic, source.seed, i);
      yield { record, where: `generated ${source.synthetic} ${i}`, next: { file: 0, record: i + 1 } };
    }
    return;
  }
  const { files, separator, text } = source;
  // A field that is a text needs no numbers; evaluations read other fields, too.
  const exactNumbers = fields === null || !("field" in text);
  const paths = expandFiles(files);
  for (let file = from.file; file < paths.length; file++) {
    let record = file === from.file ? from.record : 0;
    try {
      for await (const read of readRecordFile(paths[file], {
        fields,
        exactNumbers,
        onBytes,
        separator,
        skip: record,
      })) {
        yield { ...read, next: { file, record: ++record } };
      }
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error;
      yield { error, next: { file: file + 1, record: 0 } };
    }
  }
}
