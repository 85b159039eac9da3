import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crcOf } from "../files/crc32.js";
import { fileError } from "../files/atomic-file.js";
import { refuseLfsPointerFile } from "../files/lfs-pointer.js";
import { checkpointError } from "./checkpoint-error.js";
import { bytesPerElement, decodeFloats, type DType } from "./dtype.js";
import { checkHeaderLength, damaged, parseHeader } from "./safetensors-header.js";
import { checkTensor, readChecksums } from "./tensor-checksums.js";
import { isVerified, stampOf, rememberVerified } from "./verified-tensors.js";

/** @see https://github.com/huggingface/safetensors#format */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** A tensor to write; `i8` and `u8` are codes whose meaning the writer defines. */
export interface WrittenEntry extends Omit<TensorEntry, "dtype"> {
  readonly dtype: DType | "i8" | "u8";
}

/** The bytes of a tensor in a file. */
export interface StoredBytes {
  readonly name: string;
  readonly path: string;
  /** Position of the first byte in the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
  /** CRC-32 of the bytes; null if the file has none. */
  readonly checksum: number | null;
}

export interface StoredTensor extends TensorEntry, StoredBytes {}

/** A tensor of a dtype that no computation of Strata reads, such as I8 or F8_E4M3. */
export interface UnreadableTensor {
  readonly name: string;
  readonly path: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: StoredBytes;
}

export interface SafetensorsFile {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** In file order. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly unreadable: ReadonlyMap<string, UnreadableTensor>;
}

const names: Record<string, DType> = { F32: "f32", BF16: "bf16", F16: "f16", F64: "f64", I32: "i32" };
const tags: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(names).map(([tag, dtype]) => [dtype, tag])),
  i8: "I8",
  u8: "U8",
};

/**
 * Reads the header only, and verifies its checksum if it has one.
 *
 * @throws StrataError if the safetensors library would refuse the file, too.
 */
export function openSafetensors(path: string): SafetensorsFile {
  refuseLfsPointerFile(path);
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw fileError(path, "open the file", error);
    throw checkpointError(path, "a safetensors file", "a file that cannot be opened", "Check the path.");
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw damaged(path, "a safetensors file", "something that is not a file");
    const { size } = stats;
    const prefix = Buffer.alloc(8);
    if (size < 8 || readSync(descriptor, prefix, 0, 8, 0) < 8) throw damaged(path, "at least 8 bytes", `${size}`);
    const headerLength = checkHeaderLength(path, prefix.readBigUInt64LE(), size);
    const header = Buffer.alloc(8 + headerLength);
    readSync(descriptor, header, 0, header.length, 0);
    return describeFile(path, header, size);
  } finally {
    closeSync(descriptor);
  }
}

/** @param header  with its length before it */
function describeFile(path: string, header: Uint8Array, size: number): SafetensorsFile {
  const { metadata, entries } = parseHeader(path, header.subarray(8), size);
  const checksums = readChecksums(path, header, metadata, entries.length);
  const dataStart = header.byteLength;
  const tensors = new Map<string, StoredTensor>();
  const unreadable = new Map<string, UnreadableTensor>();
  for (const [i, { name, tag, shape, begin, end }] of entries.entries()) {
    const checksum = checksums?.[i] ?? null;
    const bytes = { name, path, byteOffset: dataStart + begin, byteLength: end - begin, checksum };
    if (!Object.hasOwn(names, tag)) unreadable.set(name, { name, path, dtype: tag, shape, bytes });
    else tensors.set(name, { dtype: names[tag], shape, ...bytes });
  }
  return { path, metadata, tensors, unreadable };
}

/** Bytes [from, from + length) of a tensor, by default all. @throws StrataError if the tensor was damaged */
export function readTensorBytes(tensor: StoredBytes, from = 0, length = tensor.byteLength - from): Uint8Array {
  const bytes = new Uint8Array(length);
  if (length !== tensor.byteLength) {
    verifyTensor(tensor);
    fillFromTensor(bytes, tensor, from);
    return bytes;
  }
  for (const _ of chunksInto(bytes, tensor));
  return bytes;
}

function fillFromTensor(bytes: Uint8Array, tensor: StoredBytes, from: number): void {
  const { length } = bytes;
  const descriptor = openSync(tensor.path, "r");
  try {
    for (let at = 0; at < length;) {
      const count = readSync(descriptor, bytes, at, Math.min(length - at, 1 << 30), tensor.byteOffset + from + at);
      if (count === 0) throw damaged(`${tensor.path} ${tensor.name}`, `${length} bytes`, `${at}`);
      at += count;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Memory for a tensor that is streamed from file to file. */
const chunkBytes = 1 << 22;

/**
 * A tensor's bytes, in order, in chunks of at most 4 MiB, all in the same memory: valid until the next chunk.
 *
 * @throws StrataError after the last one if the tensor was damaged: what was made of the chunks must not be kept then
 */
export function storedChunks(tensor: StoredBytes): Generator<Uint8Array> {
  return chunksInto(new Uint8Array(Math.min(chunkBytes, tensor.byteLength)), tensor);
}

/** Reads a tensor through memory that it fills chunk by chunk, again and again if it is smaller, and verifies it. */
function* chunksInto(memory: Uint8Array, tensor: StoredBytes): Generator<Uint8Array> {
  const { byteLength, checksum } = tensor;
  const stamp = checksum === null || isVerified(tensor) ? null : stampOf(tensor);
  let crc = 0;
  for (let at = 0; at < byteLength; at += chunkBytes) {
    const from = memory.length === byteLength ? at : 0;
    const chunk = memory.subarray(from, from + Math.min(chunkBytes, byteLength - at));
    fillFromTensor(chunk, tensor, at);
    if (stamp !== null) crc = crcOf(chunk, crc);
    yield chunk;
  }
  if (stamp === null || checksum === null) return;
  checkTensor(`${tensor.path} ${tensor.name}`, checksum, crc);
  rememberVerified(tensor, stamp);
}

/**
 * Reads a tensor and verifies its checksum, once per process and file as it is now. For readers that map it or read it
 * in parts; the others verify in the same pass.
 *
 * @throws StrataError if the tensor was damaged
 */
export function verifyTensor(tensor: StoredBytes): void {
  if (tensor.checksum === null || isVerified(tensor)) return;
  for (const _ of storedChunks(tensor));
}

export function readTensor(tensor: StoredTensor): Float32Array {
  return decodeFloats(readTensorBytes(tensor), tensor.dtype);
}

export function tensorBytes({ dtype, shape }: Pick<WrittenEntry, "dtype" | "shape">): number {
  const size = dtype === "i8" || dtype === "u8" ? 1 : bytesPerElement(dtype);
  return shape.reduce((a, b) => a * b, 1) * size;
}

/** The header's length as u64, then its JSON, padded with spaces to a multiple of 8 bytes. */
export function formatHeader(entries: readonly WrittenEntry[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let position = 0;
  for (const { name, dtype, shape } of entries) {
    const end = position + tensorBytes({ dtype, shape });
    header[name] = { dtype: tags[dtype], shape, data_offsets: [position, end] };
    position = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padding = Buffer.alloc((8 - (text.length % 8)) % 8, " ");
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length + padding.length));
  return Buffer.concat([prefix, text, padding]);
}
