import type { ColumnDecoder, PageHeader } from "hyparquet/src/types.js";
import { Decompress } from "fzstd";
import { convert } from "hyparquet/src/convert.js";
import { readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
import { getMaxDefinitionLevel, isFlatColumn } from "hyparquet/src/schema.js";
import type { RangeReader } from "../../../files/number-file.js";
import { createByteReader, type ByteReader } from "./byte-reader.js";
import { dataReader } from "./data-reader.js";
import { tooLongBytes } from "./parquet-values.js";
import { longestRecord } from "./read-bytes.js";
import { unpackSnappy } from "./unpack-snappy.js";

const batch = { values: 256, bytes: 2 ** 22 };

type Unpack = (packed: Iterable<Uint8Array>) => Iterable<Uint8Array>;

/** GZIP would need a stream that waits; the others are rare. */
const unpackers: Partial<Record<ColumnDecoder["codec"], Unpack>> = {
  UNCOMPRESSED: (packed) => packed,
  SNAPPY: unpackSnappy,
  ZSTD: unpackZstd,
};

/** Whether a page's values can be read one after another: texts as they are. */
export function isStreamable(
  { data_page_header: first, data_page_header_v2: second }: PageHeader,
  decoder: ColumnDecoder,
): boolean {
  const isPlain = (first ?? second)?.encoding === "PLAIN" && decoder.type === "BYTE_ARRAY";
  return isPlain && isFlatColumn(decoder.schemaPath) && unpackers[decoder.codec] !== undefined;
}

/**
 * The values of a large page in runs, null where there is none. Holds a few megabytes, and one value.
 *
 * @param at  where the page begins, after its header
 */
export function* readLargePage(
  file: RangeReader,
  at: number,
  header: PageHeader,
  decoder: ColumnDecoder,
  checkZstd: (piece: Uint8Array) => void,
): Iterable<unknown[]> {
  const { data_page_header: first, data_page_header_v2: second, compressed_page_size: size } = header;
  const count = first?.num_values ?? second?.num_values ?? 0;
  const isOptional = getMaxDefinitionLevel(decoder.schemaPath) > 0;
  const unpack = unpackers[second?.is_compressed === false ? "UNCOMPRESSED" : decoder.codec] as Unpack;
  const before = levelBytes(header);
  const packed = piecesOf(file, at + before, size - before);
  const values = createByteReader(unpack(unpack === unpackZstd ? checked(packed, checkZstd) : packed));
  const levels = !isOptional
    ? null
    : listLevels(second ? file.read(at, before) : values.take(values.takeLength()), count);
  for (let done = 0; done < count;) {
    const texts: Uint8Array[] = [];
    const from = done;
    for (let bytes = 0; done < count && done - from < batch.values && bytes < batch.bytes; done++) {
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
  const length = values.takeLength();
  if (length <= longestRecord) return values.take(length);
  values.skip(length);
  return tooLongBytes;
}

/** In the second version of pages, levels stand before what is packed. */
export function levelBytes({ data_page_header_v2: header }: PageHeader): number {
  return header ? header.repetition_levels_byte_length + header.definition_levels_byte_length : 0;
}

function* checked(pieces: Iterable<Uint8Array>, check: (piece: Uint8Array) => void): Iterable<Uint8Array> {
  for (const piece of pieces) {
    check(piece);
    yield piece;
  }
}

/** 1 where a value is there, else 0. */
function listLevels(bytes: Uint8Array, count: number): Uint8Array {
  const levels = new Uint8Array(count);
  readRleBitPackedHybrid(dataReader(bytes), 1, levels, bytes.length);
  return levels;
}

/** Small ones, for much may come of one. */
const pieceBytes = 2 ** 15;

function* piecesOf(file: RangeReader, from: number, length: number): Iterable<Uint8Array> {
  for (let at = 0; at < length; at += pieceBytes) yield file.read(from + at, Math.min(pieceBytes, length - at));
}

function* unpackZstd(packed: Iterable<Uint8Array>): Iterable<Uint8Array> {
  const ready: Uint8Array[] = [];
  const stream = new Decompress((piece) => void (piece.length > 0 && ready.push(piece)));
  for (const piece of packed) {
    stream.push(piece);
    yield* ready.splice(0);
  }
  stream.push(new Uint8Array(), true);
  yield* ready.splice(0);
}
