import { createHash } from "node:crypto";
import { openSync, readSync, closeSync } from "node:fs";

/** Incremental hash whose digest is the hub's name for the content. */
export interface ContentHash {
  update(bytes: Uint8Array): void;
  digest(): string;
}

/**
 * SHA-256 of the content if the expected digest is one; otherwise git's blob id, the SHA-1 of `blob SIZE\0` + content.
 *
 * @param bytes  size of the whole content
 */
export function createContentHash(expected: string, bytes: number): ContentHash {
  const hash = createHash(expected.length === 64 ? "sha256" : "sha1");
  if (expected.length !== 64) hash.update(`blob ${bytes}\0`);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest("hex") };
}

/** Adds the first `bytes` of a file, in chunks of 1 MiB. */
export async function updateFromFile(hash: ContentHash, path: string, bytes: number): Promise<void> {
  const descriptor = openSync(path, "r");
  const buffer = Buffer.alloc(1 << 20);
  try {
    for (let at = 0; at < bytes;) {
      const read = readSync(descriptor, buffer, 0, Math.min(buffer.length, bytes - at), at);
      if (read === 0) return;
      hash.update(buffer.subarray(0, read));
      at += read;
      // Yield to the event loop, so that other downloads continue.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    closeSync(descriptor);
  }
}
