import type {
  ColumnDecoder,
  ColumnMetaData,
  Compressors,
  DecodedArray,
  PageHeader,
  SchemaTree,
} from "hyparquet/src/types.js";
import { parquetHeader, readPage } from "hyparquet/src/column.js";
import { convert } from "hyparquet/src/convert.js";
import { getMaxRepetitionLevel, getTreePath, isFlatColumn } from "hyparquet/src/schema.js";
import type { RangeReader } from "../../../../files/number-file.js";
import { dataReader } from "./data-reader.js";
import { isDecimal, parsers, storedElement } from "./leaf-values.js";
import { isStreamable, levelBytes, readLargePage } from "./parquet-large-page.js";

/** Reads one column of a row group, page by page. */
export interface ColumnReader {
  readonly path: readonly string[];
  /** Number of decoded rows that were not taken yet. */
  ready(): number;
  /** Decodes the next page or a part of it. Call it when no row is ready. @throws Error if it is missing or damaged */
  readPage(): void;
  /** Takes the next `count` of the ready rows. */
  take(count: number): unknown[];
}

export interface ColumnOptions {
  /** For messages. */
  readonly path: string;
  readonly file: RangeReader;
  readonly fileBytes: number;
  readonly schema: SchemaTree;
  readonly compressors: Compressors;
  /** Rows of the group to skip at the start. */
  readonly skip: number;
  /** Pages of at least this many bytes are decompressed as a stream, if their encoding allows it. */
  readonly largePage: number;
  /** Called with a page's size before it is decompressed as a whole. */
  readonly checkPage: (decompressedBytes: number, column: string) => void;
  /** Called for each page in zstd; the function it returns gets the compressed bytes before they are decompressed. */
  readonly checkZstd: (column: string) => (chunk: Uint8Array) => void;
}

/**
 * Holds one page, or a few megabytes of a large page that can be decompressed as a stream, and the column's dictionary.
 * Skipped pages are not decompressed if their header says how many rows they have.
 */
export function openColumn(data: ColumnMetaData, options: ColumnOptions): ColumnReader {
  const { file, fileBytes, schema, compressors, largePage } = options;
  const schemaPath = getTreePath(schema, data.path_in_schema);
  const name = data.path_in_schema.join(".");
  const { element } = schemaPath[schemaPath.length - 1];
  const decoder: ColumnDecoder = {
    ...data,
    pathInSchema: data.path_in_schema,
    element: storedElement(element),
    utf8: !isDecimal(element),
    schemaPath,
    compressors,
    parsers,
  };
  const isFlat = isFlatColumn(schemaPath);
  // A row with lists may continue in the next page.
  const rowsMayContinue = getMaxRepetitionLevel(schemaPath) > 0;
  let at = Number(data.dictionary_page_offset || data.data_page_offset);
  let valuesLeft = Number(data.num_values);
  let rowsToSkip = options.skip;
  let dictionary: DecodedArray | undefined;
  let largeRuns: Iterator<unknown[]> | null = null;
  let rows: DecodedArray = [];
  let taken = 0;
  const ready = () => Math.max(0, rows.length - taken - (rowsMayContinue && valuesLeft > 0 ? 1 : 0));

  const decode = (header: PageHeader, unfinished: unknown[] | undefined): DecodedArray => {
    options.checkPage(header.uncompressed_page_size, name);
    const bytes = file.read(at, header.compressed_page_size);
    if (data.codec === "ZSTD") options.checkZstd(name)(bytes.subarray(levelBytes(header)));
    return readPage(dataReader(bytes), header, decoder, dictionary, unfinished, 0).data ?? [];
  };
  const skipRows = (): void => {
    const count = Math.min(rowsToSkip, ready());
    taken += count;
    rowsToSkip -= count;
  };
  const nextRun = ({ value, done }: IteratorResult<unknown[]>): void => {
    if (done) largeRuns = null;
    else [rows, taken] = [value, 0];
  };
  const nextPage = (): void => {
    if (valuesLeft <= 0) throw new Error(`the column ${name} ends before its last row`);
    const { header, length } = readHeader(file, at, fileBytes);
    at += length;
    if (at + header.compressed_page_size > fileBytes) throw new Error("a page exceeds the end of the file");
    const page = countsOf(header);
    const pageRows = isFlat ? page.values : page.rows;
    if (header.type === "DICTIONARY_PAGE") dictionary = convert(decode(header, undefined), decoder);
    else if (pageRows !== null && pageRows <= rowsToSkip) rowsToSkip -= pageRows;
    else if (header.uncompressed_page_size >= largePage && isStreamable(header, decoder)) {
      largeRuns = readLargePage(file, at, header, decoder, options.checkZstd(name))[Symbol.iterator]();
    } else [rows, taken] = [decode(header, isFlat ? undefined : Array.from(rows.slice(taken))), 0];
    at += header.compressed_page_size;
    valuesLeft -= page.values;
  };
  return {
    path: data.path_in_schema,
    ready,
    readPage() {
      if (largeRuns) nextRun(largeRuns.next());
      else nextPage();
      skipRows();
    },
    take(count) {
      return Array.from(rows.slice(taken, (taken += count)));
    },
  };
}

/** The number of values of a page, and of its rows if the header has it. */
function countsOf({ data_page_header: first, data_page_header_v2: second }: PageHeader): {
  readonly values: number;
  readonly rows: number | null;
} {
  return { values: first?.num_values ?? second?.num_values ?? 0, rows: second?.num_rows ?? null };
}

/** A header does not state its length. It contains the minimum and maximum of the page, which may be long texts. */
const headerBytes = { first: 2 ** 12, max: 2 ** 24 };

function readHeader(
  file: RangeReader,
  at: number,
  fileBytes: number,
): { readonly header: PageHeader; readonly length: number } {
  for (let size = headerBytes.first; ; size *= 16) {
    const bytes = file.read(at, Math.max(0, Math.min(size, fileBytes - at)));
    const reader = dataReader(bytes);
    try {
      const header = parquetHeader(reader);
      if (!(header.compressed_page_size >= 0 && header.uncompressed_page_size >= 0))
        throw new Error("a page without a size");
      return { header, length: reader.offset };
    } catch (error) {
      if (bytes.length < size || size >= headerBytes.max) throw error;
    }
  }
}
