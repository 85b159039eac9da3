import { join } from "node:path";
import { checkSize, decodeNumbers, encodeNumbers, openRanges } from "../../files/number-file.js";
import type { DocumentHash } from "../documents/split.js";
import type { Segment } from "./token-manifest.js";

/** Hashes of documents in a file: 8 bytes each, the high half first (two uint32, little-endian). */
const hashBytes = 8;

const hashesAtOnce = 2 ** 16;

export function encodeHash({ high, low }: DocumentHash): Uint8Array {
  return encodeNumbers([high, low], 4);
}

/** @throws StrataError unless the file holds exactly `count` */
export function* readHashes(path: string, count: number): Iterable<DocumentHash> {
  checkSize(path, count * hashBytes);
  const ranges = openRanges(path);
  try {
    for (let at = 0; at < count; at += hashesAtOnce) {
      const bytes = ranges.read(at * hashBytes, Math.min(hashesAtOnce, count - at) * hashBytes);
      const words = decodeNumbers(bytes, 4);
      for (let i = 0; i < words.length; i += 2) yield { high: words[i], low: words[i + 1] };
    }
  } finally {
    ranges.close();
  }
}

/** Of the documents of segments, in order. */
export function* hashesOf(folder: string, segments: readonly Segment[]): Iterable<DocumentHash> {
  for (const { hashes, documents } of segments) yield* readHashes(join(folder, hashes), documents);
}
