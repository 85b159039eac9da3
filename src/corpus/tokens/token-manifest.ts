import { existsSync } from "node:fs";
import { join } from "node:path";
import { damagedFile, type TokenBytes } from "../../files/number-file.js";
import type { HoldOut } from "../documents/split.js";
import { readText } from "../../files/read-text.js";

/** Consecutive documents of a tokenized data set, in files that are written once. */
export interface Segment {
  /** The token ids of its documents, concatenated. */
  readonly file: string;
  /** Position of each document's first token in the segment (uint64), then the segment's number of tokens. */
  readonly starts: string;
  /** The first 64 bits of each document's hash, the high half first (two uint32). */
  readonly hashes: string;
  /** One byte per token: 1 if it is predicted, else 0. Null if all tokens are. */
  readonly mask: string | null;
  readonly documents: number;
  readonly tokens: number;
  /** SHA-256 of `file`. */
  readonly sha256: string;
  readonly startsSha256: string;
  readonly hashesSha256: string;
  readonly maskSha256: string | null;
}

/** manifest.json of a tokenized data set. */
export interface TokenManifest {
  readonly tokenBytes: TokenBytes;
  readonly vocabSize: number;
  readonly documents: number;
  readonly tokens: number;
  /** Bytes of the documents' text in UTF-8. */
  readonly textBytes: number;
  readonly holdOut: HoldOut;
  /** Number of held-out documents before the limit, of all splits; equal documents count separately. */
  readonly heldOut: number;
  /** The smallest draw of the other documents, at least the hold-out shares. */
  readonly minDraw: number;
  /** Number of documents removed because their text already occurred; null if duplicates are kept. */
  readonly duplicatesRemoved: number | null;
  /** Number of bad records that were skipped. */
  readonly skipped: number;
  readonly segments: readonly Segment[];
}

export const manifestFile = "manifest.json";

export function readManifest<T>(folder: string): T {
  const path = join(folder, manifestFile);
  if (!existsSync(path)) throw damagedFile(path, "a manifest", "no file");
  try {
    return JSON.parse(readText(path)) as T;
  } catch {
    throw damagedFile(path, "a manifest", "invalid JSON");
  }
}
