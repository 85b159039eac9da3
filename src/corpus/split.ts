import { createHash } from "node:crypto";

/** Whether a document is held out for validation: decided by its text alone, so equal texts are on one side. */
export function isHeldOut(text: string, fraction: number, seed: number): boolean {
  if (fraction === 0) return false;
  const digest = createHash("sha256").update(`${seed}\n`).update(text).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48 < fraction;
}
