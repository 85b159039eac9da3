import { existsSync, readdirSync } from "node:fs";

/** Deterministic pseudo-random bytes. */
export function bytes(count: number, seed: number): Buffer {
  const made = Buffer.alloc(count);
  let state = seed * 2_654_435_761 + 1;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    made[i] = state >>> 24;
  }
  return made;
}

export const commitOf = (letter: string) => letter.repeat(40);

/** All paths below a folder, sorted; empty if it does not exist. */
export function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }).sort() : [];
}
