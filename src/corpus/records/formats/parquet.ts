import { statSync } from "node:fs";
import { parquetMetadataAsync, parquetSchema, type AsyncBuffer, type FileMetaData } from "hyparquet";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { compressors } from "hyparquet-compressors";
import { StrataError } from "../../../errors/strata-error.js";
import { openRanges } from "../../../files/number-file.js";
import { DamagedFile, type FileOptions, type ReadRecord } from "../read-record.js";
import { readGroup } from "./parquet-group.js";
import { checkZstdWindows } from "./unpack-zstd.js";
import { placeRow, stringFromBytes } from "./parquet-values.js";

const parsers = { ...DEFAULT_PARSERS, stringFromBytes };

export interface ParquetOptions extends FileOptions {
  /** From so many bytes on a page is unpacked in pieces, if it can be. */
  readonly largePage?: number;
}

/** Writers end a page at about 1 MB, but some only after a thousand values, however long they are. */
const pageBytes = { large: 8 * 2 ** 20, most: 128 * 2 ** 20 };

/**
 * Streams the rows of a parquet file, which is read by positions: of each column one page at a time. Lists become arrays,
 * structs objects, dates ISO text; whole numbers of 64 bits become numbers.
 *
 * @throws DamagedFile if it is cut off or damaged, or a page above 128 MiB cannot be unpacked in pieces
 */
export async function* readParquet(
  path: string,
  { largePage = pageBytes.large, ...options }: ParquetOptions,
): AsyncIterable<ReadRecord> {
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
    let first = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      const skip = Math.min(rows, Math.max(0, options.skip - first));
      const checkPage = (bytes: number, column: string) => {
        if (bytes > pageBytes.most) throw tooLarge(`${path} ${column}`, bytes);
      };
      const checkZstd = (column: string) =>
        checkZstdWindows(`${path} ${column}`, "Write the file again with a compression level of at most 19.");
      const runs = readGroup(group, columns, {
        file,
        fileBytes,
        schema,
        compressors,
        parsers,
        skip,
        largePage,
        checkPage,
        checkZstd,
      });
      const tell = createTeller(Number(group.total_compressed_size ?? 0), rows, options.onBytes);
      let row = skip;
      for (const run of checked(path, runs)) {
        for (const record of run) yield placeRow(`${path} row ${first + ++row}`, record);
        tell(row);
      }
      tell(rows);
      first += rows;
    }
  } finally {
    file.close();
  }
}

/** The columns asked for, or all where one of them is missing, so that a message can name those that there are. */
function knownColumns({ schema }: FileMetaData, wanted: readonly string[] | null): ReadonlySet<string> | null {
  const names = new Set(schema.map(({ name }) => name));
  return wanted?.every((name) => names.has(name)) ? new Set(wanted) : null;
}

/** Tells of the bytes of a row group by the share of its rows that were read. */
function createTeller(bytes: number, rows: number, onBytes: (count: number) => void): (row: number) => void {
  let told = 0;
  return (row) => {
    const count = rows === 0 ? bytes : Math.floor((bytes * row) / rows);
    onBytes(count - told);
    told = count;
  };
}

const mark = "PAR1";

function checkEnds(path: string, file: AsyncBuffer): void {
  const isMarked = (at: number) =>
    file.byteLength >= 12 && Buffer.from(file.slice(at, at + 4) as ArrayBuffer).toString("latin1") === mark;
  if (!isMarked(0)) throw notWhole(path, file.byteLength < 12 ? "one that is cut off" : "another kind of file");
  if (!isMarked(file.byteLength - 4)) throw notWhole(path, "one that is cut off");
}

function* checked<T>(path: string, runs: Iterable<T>): Iterable<T> {
  try {
    yield* runs;
  } catch (error) {
    throw damaged(path, error);
  }
}

function damaged(path: string, error: unknown): unknown {
  return error instanceof StrataError ? error : notWhole(path, `damaged data (${(error as Error).message})`, error);
}

function notWhole(path: string, got: string, cause?: unknown): DamagedFile {
  return new DamagedFile(path, "a whole parquet file", got, { cause });
}

function tooLarge(where: string, bytes: number): DamagedFile {
  return new DamagedFile(
    where,
    `pages of at most ${pageBytes.most / 2 ** 20} MiB`,
    `one of ${Math.ceil(bytes / 2 ** 20)} MiB`,
    {
      hint: "Write the file again with smaller pages: with pyarrow, a smaller `write_batch_size` of `write_table`.",
    },
  );
}
