import { createHash } from "node:crypto";

/** The first 64 bits of SHA-256 over the seed, a line break and the text: a document's identity and its draw. */
export interface DocumentHash {
  /** The first 32 bits. */
  readonly high: number;
  /** The next 32 bits. */
  readonly low: number;
}

/** Documents whose draw with the seed is below the share are held out. */
export interface HoldOut {
  /** 0 … 1: the expected share of distinct texts that are held out. */
  readonly share: number;
  readonly seed: number;
}

export function hashDocument(text: string, seed: number): DocumentHash {
  const digest = createHash("sha256").update(`${seed}\n`).update(text).digest();
  return { high: digest.readUInt32BE(0), low: digest.readUInt32BE(4) };
}

/** A document's draw, uniform in [0, 1): the first 48 bits of its hash. */
export function drawOf({ high, low }: DocumentHash): number {
  return (high * 2 ** 16 + (low >>> 16)) / 2 ** 48;
}

/**
 * Whether a document is held out for validation. Only its text and the hold-out share and seed decide, so equal texts
 * are on the same side in every data set, and a document's hash proves its side.
 */
export function isHeldOut(hash: DocumentHash, share: HoldOut["share"]): boolean {
  return drawOf(hash) < share;
}
