import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { createAtomicFile, fileError } from "./atomic-file.js";
import { StrataError } from "../errors/strata-error.js";

/** Sizes of little-endian unsigned integers in a file. 8-byte values are below 2^53. */
export type NumberBytes = 2 | 4 | 8;
export type TokenBytes = 2 | 4;

const bufferBytes = 1 << 20;

/** A file that is written sequentially and hashed meanwhile. */
export interface HashedFile {
  append(bytes: Uint8Array): void;
  /** Renames to the final name. @returns the SHA-256 in hex */
  finish(): string;
  abandon(): void;
}

export function createHashedFile(path: string): HashedFile {
  const file = createAtomicFile(path);
  const hash = createHash("sha256");
  const buffer = new Uint8Array(bufferBytes);
  let filled = 0;
  const flush = () => {
    const bytes = buffer.subarray(0, filled);
    hash.update(bytes);
    file.write(bytes);
    filled = 0;
  };
  return {
    append(bytes) {
      for (let at = 0; at < bytes.length;) {
        if (filled === bufferBytes) flush();
        const count = Math.min(bytes.length - at, bufferBytes - filled);
        buffer.set(bytes.subarray(at, at + count), filled);
        filled += count;
        at += count;
      }
    },
    finish() {
      flush();
      file.commit();
      return hash.digest("hex");
    },
    abandon: file.abandon,
  };
}

export function encodeNumbers(values: ArrayLike<number>, size: NumberBytes): Uint8Array {
  if (size === 2) return new Uint8Array(new Uint16Array(values).buffer);
  if (size === 4) return new Uint8Array(new Uint32Array(values).buffer);
  const words = new Uint32Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    words[2 * i] = values[i];
    words[2 * i + 1] = Math.floor(values[i] / 2 ** 32);
  }
  return new Uint8Array(words.buffer);
}

/** @param bytes  aligned to the element size and a multiple of it long; the result for sizes 2 and 4 is a view of it */
export function decodeNumbers(bytes: Uint8Array, size: NumberBytes): Uint16Array | Uint32Array | Float64Array {
  if (size === 2) return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  return size === 4
    ? words
    : Float64Array.from({ length: words.length / 2 }, (_, i) => words[2 * i] + words[2 * i + 1] * 2 ** 32);
}

/** Reads all numbers of a file below 2 GiB. @throws StrataError unless there are exactly `count` */
export function readNumbers(path: string, size: NumberBytes, count: number): Uint16Array | Uint32Array | Float64Array {
  checkSize(path, size * count);
  // Copy for alignment: Node returns small files as slices of a shared buffer, at any offset.
  return decodeNumbers(new Uint8Array(readFileSync(path)), size);
}

/** Of one call: Node reads less than 2 GiB. */
const readBytes = 2 ** 30;

export interface RangeReader {
  /** Bytes [position, position + length). @throws StrataError if the file is shorter */
  read(position: number, length: number): Uint8Array;
  close(): void;
}

export function openRanges(path: string): RangeReader {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    throw fileError(path, "open the file", error);
  }
  return {
    read(position, length) {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length;) {
        const count = readSync(descriptor, bytes, at, Math.min(length - at, readBytes), position + at);
        if (count === 0) throw damagedFile(path, `${position + length} bytes`, String(position + at));
        at += count;
      }
      return bytes;
    },
    close: () => closeSync(descriptor),
  };
}

/** Opens a file to read bytes [position, position + length). */
export function readRange(path: string, position: number, length: number): Uint8Array {
  const ranges = openRanges(path);
  try {
    return ranges.read(position, length);
  } finally {
    ranges.close();
  }
}

/** @throws StrataError if the file is missing or not `bytes` long */
export function checkSize(path: string, bytes: number): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size !== bytes) throw damagedFile(path, `${bytes} bytes`, size === undefined ? "no file" : String(size));
}

export function damagedFile(where: string, expected: string, got: string): StrataError {
  return new StrataError("CorpusError", {
    where,
    expected,
    got,
    hint: "The file is damaged: remove the folder that holds it and run again.",
  });
}
