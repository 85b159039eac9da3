import { crcOf } from "../../files/crc32.js";
import type { StoredBytes } from "../../tensor/safetensors.js";
import { checkTensor } from "../../tensor/tensor-checksums.js";

export type ReadBytes = (from: number, length: number, out?: Uint8Array) => Uint8Array;

/** Reads of a tensor whose checksum is computed as far as they follow each other. */
export interface CheckedReads {
  /** Verifies the tensor when its last byte is read. @throws StrataError if it was damaged */
  readonly read: ReadBytes;
  /** Whether it was read and is not verified yet. */
  isOpen(): boolean;
  /** Reads the rest of a tensor that is open and verifies it. @throws StrataError if it was damaged */
  verify(): void;
}

const chunkBytes = 1 << 22;

/** @param read  of bytes of the tensor, without a check */
export function checkedReads({ path, name, byteLength }: StoredBytes, checksum: number, read: ReadBytes): CheckedReads {
  /** How many bytes, from the first on, the CRC covers. */
  let [covered, crc] = [0, 0];
  let [isRead, isVerified] = [false, false];
  const cover = (from: number, bytes: Uint8Array) => {
    isRead = true;
    if (isVerified || from > covered || from + bytes.length < covered) return;
    crc = crcOf(bytes.subarray(covered - from), crc);
    covered = from + bytes.length;
    if (covered < byteLength) return;
    checkTensor(`${path} ${name}`, checksum, crc);
    isVerified = true;
  };
  return {
    read(from, length, out) {
      const bytes = read(from, length, out);
      cover(from, bytes);
      return bytes;
    },
    isOpen: () => isRead && !isVerified,
    verify() {
      if (!isRead || isVerified) return;
      for (let at = covered; at < byteLength; at = covered) cover(at, read(at, Math.min(chunkBytes, byteLength - at)));
    },
  };
}
