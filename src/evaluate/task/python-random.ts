const size = 624;

/**
 * CPython's `random.Random(seed)`: the Mersenne Twister MT19937 (Matsumoto & Nishimura 1998), seeded with an array of
 * one word. It draws the same few-shot examples as lm-evaluation-harness; the rest of the program uses counter-based
 * random numbers.
 */
export class PythonRandom {
  private readonly state = new Uint32Array(size);
  private next = size;

  /** @param seed an integer, 0 ≤ seed < 2^32 */
  constructor(seed: number) {
    const { state } = this;
    state[0] = 19650218;
    for (let i = 1; i < size; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    let i = 1;
    for (let k = 0; k < size; k++) {
      state[i] = (state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), 1664525)) + seed;
      i = this.following(i);
    }
    for (let k = 1; k < size; k++) {
      state[i] = (state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), 1566083941)) - i;
      i = this.following(i);
    }
    state[0] = 0x80000000;
  }

  /** The index after i in the cycle 1 … 623. Wrapping around copies the last word to index 0. */
  private following(i: number): number {
    if (i < size - 1) return i + 1;
    this.state[0] = this.state[size - 1];
    return 1;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < size; i++) {
      const joined = (state[i] & 0x80000000) | (state[(i + 1) % size] & 0x7fffffff);
      state[i] = state[(i + 397) % size] ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    this.next = 0;
  }

  /** `getrandbits(count)`, 1 ≤ count ≤ 32. */
  bits(count: number): number {
    if (this.next === size) this.twist();
    let word = this.state[this.next++];
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> (32 - count);
  }

  /** `random()`: uniform in [0, 1) with 53 bits. */
  uniform(): number {
    const high = this.bits(27);
    return (high * 67108864 + this.bits(26)) / 2 ** 53;
  }

  /** `_randbelow(bound)`: uniform in 0 … bound − 1, 1 ≤ bound < 2^32. */
  below(bound: number): number {
    const width = 32 - Math.clz32(bound);
    for (;;) {
      const drawn = this.bits(width);
      if (drawn < bound) return drawn;
    }
  }

  /** `sample(range(population), count)`, count ≤ population. */
  sample(population: number, count: number): number[] {
    const setSize = 21 + (count > 5 ? 4 ** Math.ceil(Math.log(count * 3) / Math.log(4)) : 0);
    return population <= setSize ? this.sampleSmall(population, count) : this.sampleLarge(population, count);
  }

  private sampleSmall(population: number, count: number): number[] {
    const pool = Array.from({ length: population }, (_, i) => i);
    return Array.from({ length: count }, (_, i) => {
      const index = this.below(population - i);
      const drawn = pool[index];
      pool[index] = pool[population - i - 1];
      return drawn;
    });
  }

  private sampleLarge(population: number, count: number): number[] {
    const drawn = new Set<number>();
    while (drawn.size < count) drawn.add(this.below(population));
    return [...drawn];
  }
}
