import { createHash } from "node:crypto";

/** The first 64 bits of SHA-256 over the seed, a line break and the text: a document's identity and its draw. */
export interface DocumentHash {
  /** The first 32 bits. */
  readonly high: number;
  /** The next 32 bits. */
  readonly low: number;
}

/**
 * Documents are held out by their draw with the seed: for validation below `share`, for a search of λ in the next
 * `search`. All others are trained on.
 */
export interface HoldOut {
  /** 0 … 1: the expected share of distinct texts that are held out for validation. */
  readonly share: number;
  /** The expected share that is held out for a search of λ; absent for none. */
  readonly search?: number;
  readonly seed: number;
}

/** What a document is used for. */
export type DocumentSplit = "training" | "validation" | "search";

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

/** The smallest draw of a training document, without the rounding of the sum: 0.1 and 0.2 make 0.3. */
export function minTrainingDraw({ share, search }: HoldOut): number {
  return search === undefined ? share : Number((share + search).toPrecision(12));
}

/** The split of a document, by its hash alone. */
export function splitOf(hash: DocumentHash, holdOut: HoldOut): DocumentSplit {
  if (isHeldOut(hash, holdOut.share)) return "validation";
  return isHeldOut(hash, minTrainingDraw(holdOut)) ? "search" : "training";
}

/** Shares and seed, for messages. */
export function describeHoldOut({ share, search, seed }: HoldOut): string {
  const forSearch = search === undefined ? "" : `, a share of ${search} for searches of λ`;
  return `a hold-out share of ${share}${forSearch} with seed ${seed}`;
}
