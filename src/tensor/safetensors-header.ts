import type { StrataError } from "../errors/strata-error.js";
import { checkpointError } from "./checkpoint-error.js";

/** Bits of an element, by the names of the format. */
const bits: Readonly<Record<string, number>> = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
};

/** As in the safetensors library. */
const maxHeaderBytes = 100_000_000;

/** A tensor as the header describes it; offsets are relative to the end of the header. */
export interface HeaderEntry {
  readonly name: string;
  /** `F32`, `BF16` and so on. */
  readonly tag: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their data. */
  readonly entries: readonly HeaderEntry[];
}

export function damaged(where: string, expected: string, got: string): StrataError {
  const hint = "The file is truncated or damaged: remove it and run again, or copy it again from its source.";
  return checkpointError(where, expected, got, hint);
}

/** @param size  of the file @throws StrataError if the header cannot have this length */
export function checkHeaderLength(path: string, length: bigint, size: number): number {
  if (length > BigInt(maxHeaderBytes)) {
    throw damaged(path, `a header of at most ${maxHeaderBytes} bytes`, `${length}`);
  }
  if (Number(length) > size - 8) throw damaged(path, `a header of ${length} bytes`, `a file of ${size}`);
  return Number(length);
}

/**
 * Reads a header and checks it as the safetensors library does: the data of the tensors must fill the file without
 * holes or overlaps.
 *
 * @param bytes  the header
 * @param size   of the file
 * @throws StrataError that names the first entry that is wrong
 */
export function parseHeader(path: string, bytes: Uint8Array, size: number): Header {
  const content = parseJson(path, bytes);
  if (!isObject(content)) throw damaged(path, "a header that is a JSON object", shown(content));
  const { __metadata__: metadata, ...described } = content;
  const entries = Object.entries(described)
    .map(([name, entry]) => parseEntry(path, name, entry))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkData(path, entries, 8 + bytes.byteLength, size);
  return { metadata: parseMetadata(path, metadata ?? {}), entries };
}

function parseJson(path: string, bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw damaged(path, "a header in UTF-8", "other bytes");
  }
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(path, "a JSON header", "invalid JSON");
  }
}

function parseMetadata(path: string, metadata: unknown): Readonly<Record<string, string>> {
  const isText = isObject(metadata) && Object.values(metadata).every((value) => typeof value === "string");
  if (!isText) throw damaged(`${path} __metadata__`, "an object of strings", shown(metadata));
  return metadata as Record<string, string>;
}

function parseEntry(path: string, name: string, entry: unknown): HeaderEntry {
  const where = `${path} ${name}`;
  if (!isObject(entry))
    throw damaged(where, "an object with dtype, shape and data_offsets in the header", shown(entry));
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string") throw damaged(where, "a dtype in the header", shown(dtype));
  if (!Object.hasOwn(bits, dtype)) throw unknownType(where, dtype);
  if (!isSizes(shape)) throw damaged(where, "a shape of whole numbers in the header", shown(shape));
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw damaged(where, "data_offsets with a begin and an end in the header", shown(offsets));
  }
  return { name, tag: dtype, shape, begin: offsets[0], end: offsets[1] };
}

function unknownType(where: string, dtype: string): StrataError {
  const hint = "Convert the checkpoint to bf16, f16 or f32 first.";
  return checkpointError(where, "dtype F32, BF16, F16, F64 or I32", dtype, hint);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function checkData(path: string, entries: readonly HeaderEntry[], dataStart: number, size: number): void {
  let position = 0;
  for (const entry of entries) {
    const where = `${path} ${entry.name}`;
    const { begin, end } = entry;
    if (begin !== position || end < begin) {
      throw damaged(where, `data_offsets from ${position} on, without holes or overlaps`, `[${begin},${end}]`);
    }
    const byteLength = byteLengthOf(where, entry);
    if (end - begin !== byteLength) throw damaged(where, `${byteLength} bytes`, `${end - begin}`);
    if (dataStart + end > size) throw damaged(where, `data up to byte ${dataStart + end}`, `a file of ${size}`);
    position = end;
  }
  if (dataStart + position === size) return;
  throw damaged(path, `${dataStart + position} bytes, as many as its tensors have`, `a file of ${size}`);
}

function byteLengthOf(where: string, { tag, shape }: HeaderEntry): number {
  let length = bits[tag];
  for (const dimension of shape) length *= dimension;
  if (Number.isSafeInteger(length) && length % 8 === 0) return length / 8;
  throw damaged(where, "a shape with a whole number of bytes", `${tag} [${shape.join(", ")}]`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value of the header in a message. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
