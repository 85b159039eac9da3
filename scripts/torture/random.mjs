import { createHash } from "node:crypto";

/**
 * A seeded generator (mulberry32). Each trial has its own, so that one trial can be repeated without those before it.
 *
 * @param parts  such as a seed, the name of a fault and the number of a trial
 */
export function createRandom(...parts) {
  let state = createHash("sha256").update(parts.join(" ")).digest().readUInt32LE();
  /** In [0, 1). */
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (below) => Math.floor(next() * below);
  return {
    integer,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick: (list) => list[integer(list.length)],
  };
}
