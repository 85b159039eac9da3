import { isUtf8 } from "node:buffer";
import { notUtf8, type ReadRecord } from "../../read-record.js";
import { maxRecordBytes, tooLong } from "../read-bytes.js";

export type TableRow = Readonly<Record<string, unknown>>;

const undecoded = Symbol("bytes of a text");

/** A text that is decoded when its row is read, so that a page's texts are not in memory twice. */
interface UndecodedText {
  readonly [undecoded]: Uint8Array;
}

export function stringFromBytes(bytes: Uint8Array | undefined): UndecodedText | undefined {
  return bytes && { [undecoded]: bytes };
}

/** Replaces the bytes of a text that is too long to hold in memory. */
export const tooLongBytes = new Uint8Array();

/** Lists become arrays, structs objects, dates ISO strings, 64-bit integers numbers, and missing values null. */
export function placeRow(where: string, row: TableRow): ReadRecord {
  let [isText, isLong] = [true, false];
  const textOf = ({ [undecoded]: bytes }: UndecodedText): string => {
    isText &&= isUtf8(bytes);
    isLong ||= bytes === tooLongBytes || bytes.length > maxRecordBytes;
    return isText && !isLong ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8") : "";
  };
  const plain = (value: unknown): unknown => {
    if (value === undefined) return null;
    if (typeof value === "bigint") return Number(value);
    if (value instanceof Date) return value.toISOString();
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
    if (undecoded in value) return textOf(value as UndecodedText);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  };
  const record = plain(row) as TableRow;
  if (!isText) return notUtf8(where);
  return isLong ? tooLong(where, "Split this text into several rows, or remove it.") : { record, where };
}
