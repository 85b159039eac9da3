import { createHash } from "node:crypto";
import { openSync, readSync, closeSync } from "node:fs";

/** Takes content piece by piece and names it as the hub does. */
export interface ContentHash {
  update(bytes: Uint8Array): void;
  digest(): string;
}

/**
 * SHA-256 of the content where the expected digest is one; else git's name of a blob, SHA-1 of `blob SIZE\0` and the content.
 *
 * @param bytes  size of the whole content
 */
export function createContentHash(expected: string, bytes: number): ContentHash {
  const hash = createHash(expected.length === 64 ? "sha256" : "sha1");
  if (expected.length !== 64) hash.update(`blob ${bytes}\0`);
  return { update: (piece) => void hash.update(piece), digest: () => hash.digest("hex") };
}

/** Takes the first `bytes` of a file, in pieces. */
export async function updateFromFile(hash: ContentHash, path: string, bytes: number): Promise<void> {
  const descriptor = openSync(path, "r");
  const buffer = Buffer.alloc(1 << 20);
  try {
    for (let at = 0; at < bytes;) {
      const read = readSync(descriptor, buffer, 0, Math.min(buffer.length, bytes - at), at);
      if (read === 0) return;
      hash.update(buffer.subarray(0, read));
      at += read;
      // Connections of other files go on meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    closeSync(descriptor);
  }
}
