import { closeSync, openSync, readSync } from "node:fs";
import { fileError } from "../../files/atomic-file.js";
import { damaged } from "../../tensor/safetensors-header.js";

/** Reads ranges of files that stay open until `close`. */
export interface FileReader {
  /**
   * @param out  of this length, to be filled and returned instead of new memory
   * @throws StrataError if the file is shorter or cannot be read
   */
  read(path: string, position: number, length: number, out?: Uint8Array): Uint8Array;
  close(): void;
}

export function createFileReader(): FileReader {
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
      let at = 0;
      while (at < length) {
        let count: number;
        try {
          count = readSync(open(path), bytes, at, Math.min(length - at, 1 << 30), position + at);
        } catch (error) {
          throw fileError(path, "read the file", error);
        }
        if (count === 0) throw damaged(path, `at least ${position + length} bytes`, `${position + at}`);
        at += count;
      }
      return bytes;
    },
    close() {
      for (const descriptor of descriptors.values()) closeSync(descriptor);
      descriptors.clear();
    },
  };
}
