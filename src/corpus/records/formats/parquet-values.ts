import { isUtf8 } from "node:buffer";
import { notUtf8, type ReadRecord } from "../read-record.js";
import { longestRecord, tooLong } from "./read-bytes.js";

export type TableRow = Readonly<Record<string, unknown>>;

const undecoded = Symbol("bytes of a text");

/** A text that is decoded when its row is looked at, so that a page's texts do not exist twice. */
interface UndecodedText {
  readonly [undecoded]: Uint8Array;
}

export function stringFromBytes(bytes: Uint8Array | undefined): UndecodedText | undefined {
  return bytes && { [undecoded]: bytes };
}

/** Stands for the bytes of a text that is too long to be held. */
export const tooLongBytes = new Uint8Array();

/** Lists become arrays, structs objects, dates ISO text, whole numbers of 64 bits numbers; what is missing is null. */
export function placeRow(where: string, row: TableRow): ReadRecord {
  let [isText, isLong] = [true, false];
  const textOf = ({ [undecoded]: bytes }: UndecodedText): string => {
    isText &&= isUtf8(bytes);
    isLong ||= bytes === tooLongBytes || bytes.length > longestRecord;
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
  return isLong ? tooLong(where, "Cut this text into several rows, or remove it.") : { record, where };
}
