import { StrataError } from "../../errors/strata-error.js";

/** One record of a data set and its place: `file:line`, or `file row number` in a table. */
export interface PlacedRecord {
  readonly record: Readonly<Record<string, unknown>>;
  readonly where: string;
}

/** What stands in the place of a record that cannot be used. */
export interface BadRecord {
  readonly error: StrataError;
}

export type ReadRecord = PlacedRecord | BadRecord;

/** How a file is read. */
export interface FileOptions {
  /** Fields that are needed; null for all. A format that cannot leave others out gives them too. */
  readonly fields: readonly string[] | null;
  /** Between the documents of a text file; `documentSeparator` if absent. */
  readonly separator?: string;
  /** Records, good or bad, to leave out at the start. */
  readonly skip: number;
  /** Bytes of the file that were read since the last call. */
  readonly onBytes: (count: number) => void;
}

/** A file of which the rest cannot be read. What was read of it before is good. */
export class DamagedFile extends StrataError {
  /** @param expected  such as `a whole gzip file` */
  constructor(
    where: string,
    expected: string,
    got: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    const { hint = "Copy or download it once more.", cause } = options;
    super("CorpusError", { where, expected, got, hint }, { cause });
  }
}

export function notUtf8(where: string): BadRecord {
  return {
    error: new StrataError("CorpusError", {
      where,
      expected: "UTF-8 text",
      got: "bytes that are not UTF-8",
      hint: "Convert the file to UTF-8, or remove this record.",
    }),
  };
}
