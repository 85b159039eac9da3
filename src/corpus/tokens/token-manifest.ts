import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { damagedFile, type TokenBytes } from "../../files/number-file.js";
import type { HoldOut } from "../documents/split.js";

/** A run of the documents of a tokenized data set, in files that are written once. */
export interface Segment {
  /** Token ids of its documents, one after the other. */
  readonly file: string;
  /** Position of each document's first token in the segment (uint64), then the number of its tokens. */
  readonly starts: string;
  /** The first 8 bytes of each document's hash, the high half first (two uint32). */
  readonly hashes: string;
  /** A byte per token, 1 where it is to be predicted; null if all are. */
  readonly mask: string | null;
  readonly documents: number;
  readonly tokens: number;
  /** Of `file`. */
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
  /** Documents that are held out, up to the cut of the data set; equal ones count each. */
  readonly heldOut: number;
  /** The least draw of the other documents: at or above the share. */
  readonly minDraw: number;
  /** Documents that were left out because their text was there before; null if such were kept. */
  readonly duplicatesRemoved: number | null;
  /** Bad records that were skipped. */
  readonly skipped: number;
  readonly segments: readonly Segment[];
}

export const manifestFile = "manifest.json";

export function readManifest<T>(folder: string): T {
  const path = join(folder, manifestFile);
  if (!existsSync(path)) throw damagedFile(path, "a manifest", "no file");
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    throw damagedFile(path, "a manifest", "text that is not JSON");
  }
}
