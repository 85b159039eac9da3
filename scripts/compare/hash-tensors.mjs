import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

const chunkBytes = 2 ** 24;

/**
 * SHA-256 of a safetensors file without its `identity` metadata, the id of the job that wrote it: an id depends on the
 * names of parameters, which a refactoring may change. The other metadata and every value count.
 */
export function hashTensors(path) {
  const descriptor = openSync(path, "r");
  try {
    const take = (length, position) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
    };
    const headerBytes = Number(take(8, 0).readBigUInt64LE());
    const { ["__metadata__"]: metadata = {}, ...tensors } = JSON.parse(take(headerBytes, 8).toString("utf8"));
    const { identity: _identity, ...others } = metadata;
    const hash = createHash("sha256").update(JSON.stringify([others, tensors]));
    for (let position = 8 + headerBytes; ; position += chunkBytes) {
      const bytes = take(chunkBytes, position);
      if (bytes.length === 0) return hash.digest("hex");
      hash.update(bytes);
    }
  } finally {
    closeSync(descriptor);
  }
}
