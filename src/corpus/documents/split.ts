import { createHash } from "node:crypto";

/** The start of SHA-256 over `seed`, a line break and the text of a document: its place in the draw, and its identity. */
export interface DocumentHash {
  /** The first 32 bits. */
  readonly high: number;
  /** The next 32 bits. */
  readonly low: number;
}

/** What is held out: the documents whose draw with the seed is below the share. */
export interface HoldOut {
  /** 0 … 1, the expected share of different texts that are held out. */
  readonly share: number;
  readonly seed: number;
}

export function hashDocument(text: string, seed: number): DocumentHash {
  const digest = createHash("sha256").update(`${seed}\n`).update(text).digest();
  return { high: digest.readUInt32BE(0), low: digest.readUInt32BE(4) };
}

/** A document's place in the draw, uniform in [0, 1): the first 48 bits of its hash. */
export function drawOf({ high, low }: DocumentHash): number {
  return (high * 2 ** 16 + (low >>> 16)) / 2 ** 48;
}

/**
 * Whether a document is held out for validation. Only its text and the hold-out share and seed decide, so equal texts of any
 * data sets are on one side, and the hash of a document shows on which.
 */
export function isHeldOut(hash: DocumentHash, share: HoldOut["share"]): boolean {
  return drawOf(hash) < share;
}
