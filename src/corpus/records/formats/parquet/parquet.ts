import { statSync } from "node:fs";
import { parquetMetadataAsync, parquetSchema, type AsyncBuffer } from "hyparquet";
import type { SchemaTree } from "hyparquet/src/types.js";
import { compressors } from "hyparquet-compressors";
import { StrataError } from "../../../../errors/strata-error.js";
import { refuseLfsPointerFile } from "../../../../files/lfs-pointer.js";
import { openRanges } from "../../../../files/number-file.js";
import { DamagedFile, type FileOptions, type ReadRecord } from "../../read-record.js";
import type { ColumnOptions } from "./parquet-column.js";
import { readGroup } from "./parquet-group.js";
import { checkZstdWindows } from "../unpack-zstd.js";
import { rowConverter } from "./parquet-values.js";
import { readableSchema } from "./readable-schema.js";

export interface ParquetOptions extends FileOptions {
  /** Pages of at least this many bytes are decompressed as a stream, if their encoding allows it. */
  readonly largePage?: number;
}

/** Writers end a page at about 1 MB, but some only after a thousand values of any length. */
const pageBytes = { large: 8 * 2 ** 20, max: 128 * 2 ** 20 };

/**
 * Streams the rows of a parquet file, with one page of each column in memory. See `rowConverter` for their values.
 *
 * @throws StrataError if a wanted column is encrypted or there are two of its name
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
    const schema = readableSchema(parquetSchema(metadata));
    const columns = knownColumns(path, schema, options.fields);
    const place = rowConverter(columns, options.exactNumbers ?? false);
    const shared = { path, file, fileBytes, schema, compressors, largePage, ...pageChecks(path) };
    let first = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      const skip = Math.min(rows, Math.max(0, options.skip - first));
      const runs = readGroup(group, columns, { ...shared, skip });
      const report = createReporter(Number(group.total_compressed_size ?? 0), rows, options.onBytes);
      let row = skip;
      for (const run of checked(path, runs)) {
        for (const record of run) yield place(`${path} row ${first + ++row}`, record);
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

/** The wanted columns; all if one is missing, so that a message can name them. */
function knownColumns(path: string, { children }: SchemaTree, wanted: readonly string[] | null): SchemaTree[] {
  const names = children.map(({ element }) => element.name);
  const columns = wanted?.every((name) => names.includes(name))
    ? children.filter(({ element }) => wanted.includes(element.name))
    : children;
  const twice = columns.find(({ element: { name } }) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice === undefined) return columns;
  throw new StrataError("CorpusError", {
    where: path,
    expected: `one column "${twice.element.name}"`,
    got: String(names.filter((name) => name === twice.element.name).length),
    hint: "Write the file again with another name for each column.",
  });
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

const marks = { plain: "PAR1", encrypted: "PARE" };

function checkEnds(path: string, file: AsyncBuffer): void {
  const isMarked = (at: number, mark = marks.plain) =>
    file.byteLength >= 12 && Buffer.from(file.slice(at, at + 4) as ArrayBuffer).toString("latin1") === mark;
  if (isMarked(0, marks.encrypted))
    throw new DamagedFile(path, "a parquet file in the clear", "an encrypted one", {
      hint: "Write the file again without encryption.",
    });
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
