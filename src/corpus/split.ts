import { createHash } from "node:crypto";

/**
 * Whether a document is held out for validation. Its text and the seed alone decide, so equal texts are on one side.
 *
 * @param fraction  0 … 1, the expected share of different texts that are held out
 */
export function isHeldOut(text: string, fraction: number, seed: number): boolean {
  if (fraction <= 0) return false;
  const digest = createHash("sha256").update(`${seed}\n`).update(text).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48 < fraction;
}
