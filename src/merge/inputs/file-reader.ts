import { closeSync, openSync } from "node:fs";
import { fileError } from "../../files/atomic-file.js";
import { damaged } from "../../tensor/safetensors-header.js";
import { directTransfers, type Transfers } from "../core/transfers.js";

/** Reads ranges of files that stay open until `close`. */
export interface FileReader {
  /**
   * @param out  of this length, to be filled and returned instead of new memory
   * @throws StrataError if the file is shorter or cannot be read
   */
  read(path: string, position: number, length: number, out?: Uint8Array): Uint8Array;
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
  return {
    read(path, position, length, bytes = new Uint8Array(length)) {
      let count: number;
      try {
        count = transfers.read(open(path), bytes, position);
      } catch (error) {
        throw fileError(path, "read the file", error);
      }
      if (count < length) throw damaged(path, `at least ${position + length} bytes`, `${position + count}`);
      return bytes;
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
