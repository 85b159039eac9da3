import type { SchemaElement } from "hyparquet";
import type { ParquetParsers } from "hyparquet/src/types.js";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { PythonFloat } from "../../../../text/python-float.js";
import { formatDate, formatTime, formatTimestamp, type TimeUnit } from "./python-time.js";

const undecoded = Symbol("bytes of a text");

/** A text that is decoded when its row is read, so that a page's texts are not in memory twice. */
export interface UndecodedText {
  readonly [undecoded]: Uint8Array;
}

export function isUndecoded(value: unknown): value is UndecodedText {
  return typeof value === "object" && value !== null && undecoded in value;
}

export function bytesOf({ [undecoded]: bytes }: UndecodedText): Uint8Array {
  return bytes;
}

const stringFromBytes = (bytes: Uint8Array | undefined): UndecodedText | undefined => bytes && { [undecoded]: bytes };
const asStored = <T>(value: T): T => value;

/** Parsers that leave to `leafValue` what it converts. JSON is a text, as for pyarrow. */
export const parsers = {
  ...DEFAULT_PARSERS,
  stringFromBytes,
  jsonFromBytes: stringFromBytes,
  dateFromDays: asStored,
  timestampFromMilliseconds: asStored,
  timestampFromMicroseconds: asStored,
  timestampFromNanoseconds: asStored,
} as unknown as ParquetParsers;

/** What hyparquet must not convert: it would lose digits of decimals. */
export function storedElement(element: SchemaElement): SchemaElement {
  return isDecimal(element) ? { ...element, converted_type: undefined, logical_type: undefined } : element;
}

export function isDecimal({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === "DECIMAL" || logical?.type === "DECIMAL";
}

/** Whether the schema says that a column of bytes is a text. */
export function isTextElement({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return (
    converted === "UTF8" ||
    converted === "JSON" ||
    converted === "ENUM" ||
    ["STRING", "JSON", "ENUM"].includes(logical?.type ?? "")
  );
}

type Stored = number | bigint;

/**
 * Converts the values of a leaf column: decimals, dates and times become the text that Python prints; whole numbers a
 * number, beyond 2^53 a bigint.
 *
 * @param exactNumbers  as in `FileOptions`
 */
export function leafValue(element: SchemaElement, exactNumbers: boolean): (value: unknown) => unknown {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (isDecimal(element)) {
    const scale = element.scale ?? (logical?.type === "DECIMAL" ? logical.scale : 0);
    return (value) => formatDecimal(value, scale);
  }
  if (converted === "DATE" || logical?.type === "DATE") return (value) => formatDate(value as Stored);
  const time = timeUnit(element, "TIME");
  if (time !== null) return (value) => formatTime(value as Stored, time);
  const timestamp = type === "INT96" ? "NANOS" : timeUnit(element, "TIMESTAMP");
  // Without a logical type, the old type means UTC; INT96 does not.
  const isUtc = logical?.type === "TIMESTAMP" ? logical.isAdjustedToUTC : type !== "INT96";
  if (timestamp !== null) return (value) => formatTimestamp(value as Stored, timestamp, isUtc);
  const isFloat = type === "DOUBLE" || type === "FLOAT" || logical?.type === "FLOAT16";
  if (isFloat && exactNumbers) return (value) => (Number.isInteger(value) ? new PythonFloat(value as number) : value);
  const isUnsigned = converted === "UINT_64" || (logical?.type === "INTEGER" && !logical.isSigned);
  return (value) => (typeof value === "bigint" ? wholeNumber(isUnsigned ? BigInt.asUintN(64, value) : value) : value);
}

function timeUnit({ converted_type: converted, logical_type: logical }: SchemaElement, kind: "TIME" | "TIMESTAMP") {
  if (logical?.type === kind) return logical.unit as TimeUnit;
  const units: Readonly<Record<string, TimeUnit>> = { [`${kind}_MILLIS`]: "MILLIS", [`${kind}_MICROS`]: "MICROS" };
  return units[converted ?? ""] ?? null;
}

export function wholeNumber(value: bigint): number | bigint {
  return BigInt.asIntN(54, value) === value && value !== -(2n ** 53n) ? Number(value) : value;
}

/**
 * A decimal as Python prints it: `-12.50`, and `4E-9` from seven zeros on.
 *
 * @param value  the decimal times 10^scale: a number, or its bytes, the most significant first
 */
function formatDecimal(value: unknown, scale: number): string {
  const unscaled = value instanceof Uint8Array ? signed(value) : BigInt(value as Stored);
  const sign = unscaled < 0n ? "-" : "";
  const digits = String(unscaled < 0n ? -unscaled : unscaled);
  const exponent = digits.length - 1 - scale;
  if (scale === 0) return sign + digits;
  if (exponent < -6) return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ""}E${exponent}`;
  const padded = digits.padStart(scale + 1, "0");
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

function signed(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${hex || "0"}`));
}
