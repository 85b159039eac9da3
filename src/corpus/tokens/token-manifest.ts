import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { damagedFile, type TokenBytes } from "../../files/number-file.js";

/** A run of a tokenized data set, in files of its own that are written once: documents, and those held out among them. */
export interface Segment {
  /** Token ids of its documents, one after the other. */
  readonly file: string;
  /** Position of each document's first token in the segment (uint64), then the number of its tokens. */
  readonly starts: string;
  /** The first 8 bytes of each document's hash, the high half first (two uint32). */
  readonly hashes: string;
  /** The same of each document that is held out. */
  readonly heldOut: string;
  /** A byte per token, 1 where it is to be predicted; null if all are. */
  readonly mask: string | null;
  readonly documents: number;
  readonly tokens: number;
  readonly heldOutDocuments: number;
  /** Of `file`. */
  readonly sha256: string;
  readonly startsSha256: string;
  readonly hashesSha256: string;
  readonly heldOutSha256: string;
  readonly maskSha256: string | null;
}

/**
 * What is held out: the documents whose draw, the first 48 bits of their hash as a number in [0, 1), is below `share`. The
 * least draw of the others, which the hashes of the segments show, proves that none of this data set is on both sides.
 */
export interface HeldOut {
  readonly share: number;
  readonly seed: number;
  /** How many there are, equal ones too. */
  readonly heldOut: number;
  /** Whether those are all of the data set; else those up to its cut. */
  readonly isComplete: boolean;
  readonly leastDraw: number;
}

/** manifest.json of a tokenized data set. */
export interface TokenManifest {
  readonly tokenBytes: TokenBytes;
  readonly vocabularySize: number;
  readonly documents: number;
  readonly tokens: number;
  /** Bytes of the documents' text in UTF-8. */
  readonly textBytes: number;
  readonly validation: HeldOut;
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
