import { randomInt } from "node:crypto";
import type { RandomStream } from "./random-stream.js";

/** Words of the state of MT19937; one more element holds the position of the next output, 624 if all are used up. */
const stateWords = 624;
export const stateLength = stateWords + 1;

/**
 * Takes `count` outputs of a state into `out`, or takes them without computing them if it is null.
 *
 * @see Matsumoto and Nishimura 1998, https://doi.org/10.1145/272991.272995
 */
export function fillWords(state: Uint32Array, out: Uint32Array | null, count: number): void {
  let position = state[stateWords];
  for (let done = 0; done < count;) {
    if (position === stateWords) {
      regenerate(state);
      position = 0;
    }
    const part = Math.min(count - done, stateWords - position);
    if (out !== null) for (let i = 0; i < part; i++) out[done + i] = temper(state[position + i]);
    position += part;
    done += part;
  }
  state[stateWords] = position;
}

function temper(word: number): number {
  let y = word ^ (word >>> 11);
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >>> 18);
}

function twist(word: number, next: number): number {
  return (((word & 0x80000000) | (next & 0x7fffffff)) >>> 1) ^ (-(next & 1) & 0x9908b0df);
}

function regenerate(state: Uint32Array): void {
  for (let i = 0; i < 227; i++) state[i] = state[i + 397] ^ twist(state[i], state[i + 1]);
  for (let i = 227; i < 623; i++) state[i] = state[i - 227] ^ twist(state[i], state[i + 1]);
  state[623] = state[396] ^ twist(state[623], state[0]);
}

function seededState(seed: number): Uint32Array {
  const state = new Uint32Array(stateLength);
  state[0] = seed % 2 ** 32;
  for (let i = 1; i < stateWords; i++) {
    const last = state[i - 1] ^ (state[i - 1] >>> 30);
    state[i] = Math.imul(last, 1812433253) + i;
  }
  state[stateWords] = stateWords;
  return state;
}

/** MT19937 as the generator of PyTorch on the CPU. */
export class MersenneTwister implements RandomStream {
  readonly #state: Uint32Array;
  readonly #fill: typeof fillWords;

  /**
   * @param seed  an integer from 0 on; modulo 2^32
   * @param fill  computes the outputs
   */
  constructor(seed: number | Uint32Array, fill: typeof fillWords = fillWords) {
    this.#state = typeof seed === "number" ? seededState(seed) : seed;
    this.#fill = fill;
  }

  next(count: number, out?: Uint32Array): Uint32Array {
    const words = out?.length === count ? out : new Uint32Array(count);
    this.#fill(this.#state, words, count);
    return words;
  }

  skip(count: number): void {
    this.#fill(this.#state, null, count);
  }

  copy(): MersenneTwister {
    return new MersenneTwister(this.#state.slice(), this.#fill);
  }
}

/** A seed for a merge that names none, to be reported so that the merge can be repeated. */
export function randomSeed(): number {
  return randomInt(2 ** 32);
}
