import { join } from "node:path";
import { checkSize, decodeNumbers, encodeNumbers, openRanges } from "../../files/number-file.js";
import type { DocumentHash } from "../documents/split.js";
import type { Segment } from "./token-manifest.js";

/** A document hash in a file: two little-endian uint32, the high half first. */
const hashBytes = 8;

const hashesPerRead = 2 ** 16;

export function encodeHash({ high, low }: DocumentHash): Uint8Array {
  return encodeNumbers([high, low], 4);
}

/** Reads all hashes of a file. @throws StrataError unless it has exactly `count` */
export function* readHashes(path: string, count: number): Iterable<DocumentHash> {
  checkSize(path, count * hashBytes);
  const ranges = openRanges(path);
  try {
    for (let at = 0; at < count; at += hashesPerRead) {
      const bytes = ranges.read(at * hashBytes, Math.min(hashesPerRead, count - at) * hashBytes);
      const words = decodeNumbers(bytes, 4);
      for (let i = 0; i < words.length; i += 2) yield { high: words[i], low: words[i + 1] };
    }
  } finally {
    ranges.close();
  }
}

/** The hashes of the documents of segments, in order. */
export function* hashesOf(folder: string, segments: readonly Segment[]): Iterable<DocumentHash> {
  for (const { hashes, documents } of segments) yield* readHashes(join(folder, hashes), documents);
}
