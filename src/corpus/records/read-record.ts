import { StrataError } from "../../errors/strata-error.js";

/** One record of a data set and its location: `file:line`, or `file row number` in a parquet file. */
export interface PlacedRecord {
  readonly record: Readonly<Record<string, unknown>>;
  readonly where: string;
}

/** The error of a record that cannot be used. */
export interface BadRecord {
  readonly error: StrataError;
}

export type ReadRecord = PlacedRecord | BadRecord;

/** How a file is read. */
export interface FileOptions {
  /** Fields that are needed; null for all. Formats that cannot select fields return the others too. */
  readonly fields: readonly string[] | null;
  /**
   * Whether numbers keep what Python knows of them: whole numbers beyond 2^53 become a bigint, and whole numbers that
   * are floats, such as `18.0`, a `PythonFloat`. Not needed where a field is a text. Default: false.
   */
  readonly exactNumbers?: boolean;
  /** Separates the documents of a `.txt` file. Default: `documentSeparator`. */
  readonly separator?: string;
  /** Records, good or bad, to skip at the start. */
  readonly skip: number;
  /** Called with the bytes of the file that were read since the last call. */
  readonly onBytes: (count: number) => void;
}

/** The rest of a file cannot be read. The records before it are good. */
export class DamagedFile extends StrataError {
  /** @param expected  such as `a complete gzip file` */
  constructor(
    where: string,
    expected: string,
    got: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    const { hint = "Copy or download it again.", cause } = options;
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
