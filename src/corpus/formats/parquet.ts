import { isUtf8 } from "node:buffer";
import { statSync } from "node:fs";
import type { AsyncBuffer, FileMetaData } from "hyparquet";
import { openRanges } from "../number-file.js";
import { DamagedFile, notUtf8, type FileOptions, type ReadRecord } from "../read-record.js";

export interface ParquetOptions extends FileOptions {
  /** Rows of flat columns are decoded in runs of about so many unpacked bytes. */
  readonly runBytes?: number;
}

const defaultRunBytes = 64 * 2 ** 20;

/**
 * Streams the rows of a parquet file, which is read by positions: one column's packed bytes of a row group at a time, and
 * a run of rows decoded. Lists become arrays, structs objects, dates ISO text; whole numbers of 64 bits become numbers.
 *
 * @throws DamagedFile if it is cut off or damaged
 */
export async function* readParquet(path: string, options: ParquetOptions): AsyncIterable<ReadRecord> {
  const [{ parquetMetadataAsync, parquetReadObjects }, { compressors }] = await Promise.all([
    import("hyparquet"), import("hyparquet-compressors"),
  ]);
  const file = openBuffer(path);
  try {
    checkEnds(path, file);
    const metadata = await whole(path, () => parquetMetadataAsync(file, { geoparquet: false }));
    const columns = knownColumns(metadata, options.fields);
    let row = 0;
    for (const group of metadata.row_groups) {
      const end = row + Number(group.num_rows);
      const step = rowsOfRun(group, columns, options.runBytes ?? defaultRunBytes);
      for (let from = row; from < end; from += step) {
        const to = Math.min(end, from + step);
        if (to <= options.skip) continue;
        const rows = await whole(path, () => parquetReadObjects({
          file, metadata, columns, compressors, rowStart: from, rowEnd: to, useOffsetIndex: true, parsers: { stringFromBytes: textOf },
        }));
        for (const [i, record] of rows.entries()) if (from + i >= options.skip) yield placed(path, from + i, record);
      }
      options.onBytes(Number(group.total_compressed_size ?? 0));
      row = end;
    }
  } finally {
    file.close();
  }
}

function openBuffer(path: string): AsyncBuffer & { close(): void } {
  const ranges = openRanges(path);
  const { size } = statSync(path);
  return {
    byteLength: size,
    slice: (start, end = size) => ranges.read(start, end - start).buffer as ArrayBuffer,
    close: ranges.close,
  };
}

/** The columns asked for, or all where one of them is missing, so that a message can name those that there are. */
function knownColumns({ schema }: FileMetaData, wanted: readonly string[] | null): string[] | undefined {
  if (wanted === null) return undefined;
  const names = new Set(schema.map(({ name }) => name));
  return wanted.every((name) => names.has(name)) ? [...wanted] : undefined;
}

/** Pages of flat columns can be left out; those of nested ones are decoded whole for every run. */
function rowsOfRun(group: FileMetaData["row_groups"][number], columns: readonly string[] | undefined, runBytes: number): number {
  const read = group.columns.flatMap(({ meta_data: data }) =>
    data && (columns === undefined || columns.includes(data.path_in_schema[0])) ? [data] : [],
  );
  const rows = Number(group.num_rows);
  if (read.some(({ path_in_schema: path }) => path.length > 1)) return Math.max(1, rows);
  const bytes = read.reduce((sum, data) => sum + Number(data.total_uncompressed_size), 0);
  return Math.max(1, Math.ceil(rows / Math.max(1, Math.ceil(bytes / runBytes))));
}

/** Stands for a text whose bytes are not UTF-8 until its row is looked at. */
const notText = Symbol("not UTF-8");

function textOf(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return undefined;
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8") : notText;
}

function placed(path: string, index: number, row: Readonly<Record<string, unknown>>): ReadRecord {
  const where = `${path} row ${index + 1}`;
  let isText = true;
  const plain = (value: unknown): unknown => {
    if (value === notText) isText = false;
    if (value === undefined) return null;
    if (typeof value === "bigint") return Number(value);
    if (value instanceof Date) return value.toISOString();
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  };
  const record = plain(row) as Readonly<Record<string, unknown>>;
  if (isText) return { record, where };
  return notUtf8(where);
}

const mark = "PAR1";

function checkEnds(path: string, file: AsyncBuffer): void {
  const isMarked = (at: number) =>
    file.byteLength >= 12 && Buffer.from(file.slice(at, at + 4) as ArrayBuffer).toString("latin1") === mark;
  if (!isMarked(0)) throw damaged(path, file.byteLength < 12 ? "one that is cut off" : "another kind of file");
  if (!isMarked(file.byteLength - 4)) throw damaged(path, "one that is cut off");
}

async function whole<T>(path: string, reading: () => Promise<T>): Promise<T> {
  try {
    return await reading();
  } catch (error) {
    throw damaged(path, `damaged data (${(error as Error).message})`, error);
  }
}

function damaged(path: string, got: string, cause?: unknown): DamagedFile {
  return new DamagedFile(path, "a whole parquet file", got, { cause });
}
