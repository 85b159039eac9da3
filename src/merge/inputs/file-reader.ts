import { closeSync, openSync } from "node:fs";
import { fileError } from "../../files/atomic-file.js";
import { damaged } from "../../tensor/safetensors-header.js";
import type { StoredBytes } from "../../tensor/safetensors.js";
import { directTransfers, type Transfers } from "../core/transfers.js";
import { checkedReads, type CheckedReads, type ReadBytes } from "./checked-reads.js";

/** Reads ranges of files that stay open until `close`. */
export interface FileReader {
  /**
   * @param out  of this length, to be filled and returned instead of new memory
   * @throws StrataError if the file is shorter or cannot be read
   */
  read(path: string, position: number, length: number, out?: Uint8Array): Uint8Array;
  /**
   * Reads ranges of a tensor. Its checksum, if it has one, is verified when it was read from start to end, and
   * otherwise by `verify`.
   */
  tensorReads(tensor: StoredBytes): ReadBytes;
  /**
   * Verifies the tensors that were read but not to their end: call it before what was made of them is kept.
   *
   * @throws StrataError that names a damaged tensor
   */
  verify(): void;
  /** Says that a range will be read soon. */
  expect(path: string, position: number, length: number): void;
  close(): void;
}

export function createFileReader(transfers: Transfers = directTransfers): FileReader {
  const descriptors = new Map<string, number>();
  const open = (path: string): number => {
    const known = descriptors.get(path);
    if (known !== undefined) return known;
    const descriptor = openSync(path, "r");
    descriptors.set(path, descriptor);
    return descriptor;
  };
  const read: FileReader["read"] = (path, position, length, bytes = new Uint8Array(length)) => {
    let count: number;
    try {
      count = transfers.read(open(path), bytes, position);
    } catch (error) {
      throw fileError(path, "read the file", error);
    }
    if (count < length) throw damaged(path, `at least ${position + length} bytes`, `${position + count}`);
    return bytes;
  };
  const unverified = new Set<CheckedReads>();
  return {
    read,
    tensorReads(tensor) {
      const { path, byteOffset, checksum } = tensor;
      const readBytes: ReadBytes = (from, length, out) => read(path, byteOffset + from, length, out);
      if (checksum === null) return readBytes;
      const reads = checkedReads(tensor, checksum, readBytes);
      return (from, length, out) => {
        const bytes = reads.read(from, length, out);
        if (reads.isOpen()) unverified.add(reads);
        else unverified.delete(reads);
        return bytes;
      };
    },
    verify() {
      for (const reads of unverified) reads.verify();
      unverified.clear();
    },
    expect(path, position, length) {
      transfers.expect(open(path), position, length);
    },
    close() {
      for (const descriptor of descriptors.values()) closeSync(descriptor);
      descriptors.clear();
    },
  };
}
