import { statSync } from "node:fs";
import { parquetMetadataAsync, parquetSchema, type AsyncBuffer, type FileMetaData } from "hyparquet";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { compressors } from "hyparquet-compressors";
import { StrataError } from "../../../../errors/strata-error.js";
import { refuseLfsPointerFile } from "../../../../files/lfs-pointer.js";
import { openRanges } from "../../../../files/number-file.js";
import { DamagedFile, type FileOptions, type ReadRecord } from "../../read-record.js";
import type { ColumnOptions } from "./parquet-column.js";
import { readGroup } from "./parquet-group.js";
import { checkZstdWindows } from "../unpack-zstd.js";
import { placeRow, stringFromBytes } from "./parquet-values.js";

const parsers = { ...DEFAULT_PARSERS, stringFromBytes };

export interface ParquetOptions extends FileOptions {
  /** Pages of at least this many bytes are decompressed as a stream, if their encoding allows it. */
  readonly largePage?: number;
}

/** Writers end a page at about 1 MB, but some only after a thousand values of any length. */
const pageBytes = { large: 8 * 2 ** 20, max: 128 * 2 ** 20 };

/**
 * Streams the rows of a parquet file, with one page of each column in memory. Lists become arrays, structs objects,
 * dates ISO strings and 64-bit integers numbers.
 *
 * @throws DamagedFile if the file is truncated or damaged, or a page above 128 MiB cannot be decompressed as a stream
 */
export async function* readParquet(
  path: string,
  { largePage = pageBytes.large, ...options }: ParquetOptions,
): AsyncIterable<ReadRecord> {
  refuseLfsPointerFile(path);
  const file = openRanges(path);
  const fileBytes = statSync(path).size;
  const buffer: AsyncBuffer = {
    byteLength: fileBytes,
    slice: (start, end = fileBytes) => file.read(start, end - start).buffer as ArrayBuffer,
  };
  try {
    checkEnds(path, buffer);
    const metadata = await parquetMetadataAsync(buffer, { geoparquet: false }).catch((error: unknown) => {
      throw damaged(path, error);
    });
    const schema = parquetSchema(metadata);
    const columns = knownColumns(metadata, options.fields);
    const shared = { file, fileBytes, schema, compressors, parsers, largePage, ...pageChecks(path) };
    let first = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      const skip = Math.min(rows, Math.max(0, options.skip - first));
      const runs = readGroup(group, columns, { ...shared, skip });
      const report = createReporter(Number(group.total_compressed_size ?? 0), rows, options.onBytes);
      let row = skip;
      for (const run of checked(path, runs)) {
        for (const record of run) yield placeRow(`${path} row ${first + ++row}`, record);
        report(row);
      }
      report(rows);
      first += rows;
    }
  } finally {
    file.close();
  }
}

/** Checks that throw DamagedFile for pages that cannot be decompressed in bounded memory. */
function pageChecks(path: string): Pick<ColumnOptions, "checkPage" | "checkZstd"> {
  return {
    checkPage(bytes, column) {
      if (bytes > pageBytes.max) throw tooLarge(`${path} ${column}`, bytes);
    },
    checkZstd: (column) =>
      checkZstdWindows(`${path} ${column}`, "Write the file again with a compression level of at most 19."),
  };
}

/** The wanted columns, or null for all: if one is missing, the error message names the existing columns. */
function knownColumns({ schema }: FileMetaData, wanted: readonly string[] | null): ReadonlySet<string> | null {
  const names = new Set(schema.map(({ name }) => name));
  return wanted?.every((name) => names.has(name)) ? new Set(wanted) : null;
}

/** Reports the bytes of a row group in proportion to the rows read. */
function createReporter(bytes: number, rows: number, onBytes: (count: number) => void): (row: number) => void {
  let reported = 0;
  return (row) => {
    const count = rows === 0 ? bytes : Math.floor((bytes * row) / rows);
    onBytes(count - reported);
    reported = count;
  };
}

const mark = "PAR1";

function checkEnds(path: string, file: AsyncBuffer): void {
  const isMarked = (at: number) =>
    file.byteLength >= 12 && Buffer.from(file.slice(at, at + 4) as ArrayBuffer).toString("latin1") === mark;
  if (!isMarked(0)) throw incomplete(path, file.byteLength < 12 ? "a truncated one" : "another kind of file");
  if (!isMarked(file.byteLength - 4)) throw incomplete(path, "a truncated one");
}

function* checked<T>(path: string, runs: Iterable<T>): Iterable<T> {
  try {
    yield* runs;
  } catch (error) {
    throw damaged(path, error);
  }
}

function damaged(path: string, error: unknown): unknown {
  return error instanceof StrataError ? error : incomplete(path, `damaged data (${(error as Error).message})`, error);
}

function incomplete(path: string, got: string, cause?: unknown): DamagedFile {
  return new DamagedFile(path, "a complete parquet file", got, { cause });
}

function tooLarge(where: string, bytes: number): DamagedFile {
  return new DamagedFile(
    where,
    `pages of at most ${pageBytes.max / 2 ** 20} MiB`,
    `one of ${Math.ceil(bytes / 2 ** 20)} MiB`,
    {
      hint: "Write the file again with smaller pages: with pyarrow, a smaller `write_batch_size` in `write_table`.",
    },
  );
}
