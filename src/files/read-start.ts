import { closeSync, openSync, readSync } from "node:fs";

/** The first bytes of a file, `most` of them or all that there are; none if it cannot be read. */
export function readStart(path: string, most: number): Buffer {
  const bytes = Buffer.alloc(most);
  try {
    const descriptor = openSync(path, "r");
    try {
      return bytes.subarray(0, readSync(descriptor, bytes, 0, most, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return bytes.subarray(0, 0);
  }
}
