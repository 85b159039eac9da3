import type { ColumnDecoder, PageHeader } from "hyparquet/src/types.js";
import { Decompress } from "fzstd";
import { convert } from "hyparquet/src/convert.js";
import { readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
import { getMaxDefinitionLevel, isFlatColumn } from "hyparquet/src/schema.js";
import type { RangeReader } from "../../../../files/number-file.js";
import { createByteReader, type ByteReader } from "./byte-reader.js";
import { dataReader } from "./data-reader.js";
import { tooLongBytes } from "./parquet-values.js";
import { maxRecordBytes } from "../read-bytes.js";
import { unpackSnappy } from "./unpack-snappy.js";

/** Limits of a run of values. */
const maxRun = { values: 256, bytes: 2 ** 22 };

type Unpack = (packed: Iterable<Uint8Array>) => Iterable<Uint8Array>;

/** Synchronous streaming decompressors. Node's for GZIP is asynchronous; the other codecs are rare. */
const unpackers: Partial<Record<ColumnDecoder["codec"], Unpack>> = {
  UNCOMPRESSED: (packed) => packed,
  SNAPPY: unpackSnappy,
  ZSTD: unpackZstd,
};

/** Whether a page can be read value by value: plainly encoded byte arrays in a flat column. */
export function isStreamable(
  { data_page_header: first, data_page_header_v2: second }: PageHeader,
  decoder: ColumnDecoder,
): boolean {
  const isPlain = (first ?? second)?.encoding === "PLAIN" && decoder.type === "BYTE_ARRAY";
  return isPlain && isFlatColumn(decoder.schemaPath) && unpackers[decoder.codec] !== undefined;
}

/**
 * Reads the values of a large page in runs; missing values are null. Holds a few megabytes and one value in memory.
 *
 * @param at  position of the page after its header
 */
export function* readLargePage(
  file: RangeReader,
  at: number,
  header: PageHeader,
  decoder: ColumnDecoder,
  checkZstd: (chunk: Uint8Array) => void,
): Iterable<unknown[]> {
  const { data_page_header: first, data_page_header_v2: second, compressed_page_size: size } = header;
  const count = first?.num_values ?? second?.num_values ?? 0;
  const isOptional = getMaxDefinitionLevel(decoder.schemaPath) > 0;
  const unpack = unpackers[second?.is_compressed === false ? "UNCOMPRESSED" : decoder.codec] as Unpack;
  const before = levelBytes(header);
  const packed = readChunks(file, at + before, size - before);
  const values = createByteReader(unpack(unpack === unpackZstd ? checked(packed, checkZstd) : packed));
  const levels = !isOptional
    ? null
    : listLevels(second ? file.read(at, before) : values.take(values.takeUint32()), count);
  for (let done = 0; done < count;) {
    const texts: Uint8Array[] = [];
    const from = done;
    for (let bytes = 0; done < count && done - from < maxRun.values && bytes < maxRun.bytes; done++) {
      if (levels?.[done] === 0) continue;
      const text = takeText(values);
      texts.push(text);
      bytes += text.length;
    }
    const converted = Array.from(convert(texts, decoder) as ArrayLike<unknown>).values();
    yield Array.from({ length: done - from }, (_, i) => (levels?.[from + i] === 0 ? null : converted.next().value));
  }
}

function takeText(values: ByteReader): Uint8Array {
  const length = values.takeUint32();
  if (length <= maxRecordBytes) return values.take(length);
  values.skip(length);
  return tooLongBytes;
}

/** In data pages of version 2, uncompressed levels precede the compressed values. */
export function levelBytes({ data_page_header_v2: header }: PageHeader): number {
  return header ? header.repetition_levels_byte_length + header.definition_levels_byte_length : 0;
}

function* checked(chunks: Iterable<Uint8Array>, check: (chunk: Uint8Array) => void): Iterable<Uint8Array> {
  for (const chunk of chunks) {
    check(chunk);
    yield chunk;
  }
}

/** [count] 1 where a value is present, else 0. */
function listLevels(bytes: Uint8Array, count: number): Uint8Array {
  const levels = new Uint8Array(count);
  readRleBitPackedHybrid(dataReader(bytes), 1, levels, bytes.length);
  return levels;
}

/** Small, because one chunk may decompress to many times its size. */
const chunkBytes = 2 ** 15;

function* readChunks(file: RangeReader, from: number, length: number): Iterable<Uint8Array> {
  for (let at = 0; at < length; at += chunkBytes) yield file.read(from + at, Math.min(chunkBytes, length - at));
}

function* unpackZstd(packed: Iterable<Uint8Array>): Iterable<Uint8Array> {
  const ready: Uint8Array[] = [];
  const stream = new Decompress((chunk) => void (chunk.length > 0 && ready.push(chunk)));
  for (const chunk of packed) {
    stream.push(chunk);
    yield* ready.splice(0);
  }
  stream.push(new Uint8Array(), true);
  yield* ready.splice(0);
}
