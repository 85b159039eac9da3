/**
 * Key of the counter-based generator Philox-4x32-10 (Salmon et al. 2011). A value depends only on (seed, stream,
 * index): any part of a sequence can be computed in any order and in any process, with the same result.
 */
export interface RandomKey {
  readonly k0: number;
  readonly k1: number;
}

/** A key for a seed and a stream, which is named after its purpose: `randomKey(1, "init model.norm.weight")`. */
export function randomKey(seed: number, stream: string): RandomKey {
  // FNV-1a over the UTF-16 code units, twice with different offsets, mixed with the seed.
  let a = 0x811c9dc5 ^ (seed >>> 0);
  let b = 0x9747b28c ^ Math.floor(seed / 2 ** 32);
  for (let i = 0; i < stream.length; i++) {
    a = Math.imul(a ^ stream.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ stream.charCodeAt(i), 0x5bd1e995);
    b ^= b >>> 15;
  }
  return { k0: a >>> 0, k1: b >>> 0 };
}

function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(cross / 65536)) >>> 0;
}

/** Writes the four 32-bit words of block `index` (a safe integer ≥ 0) to `out[0..3]`. */
export function randomBlock(key: RandomKey, index: number, out: Uint32Array): void {
  let c0 = index >>> 0;
  let c1 = Math.floor(index / 2 ** 32) >>> 0;
  let c2 = 0;
  let c3 = 0;
  let { k0, k1 } = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

const block = new Uint32Array(4);

/** Uniform in [0, 1) with 53 random bits. */
export function uniform(key: RandomKey, index: number): number {
  randomBlock(key, index, block);
  return (block[0] * 2097152 + (block[1] >>> 11)) / 2 ** 53;
}

/** Uniform integer in [0, bound), bound ≤ 2^32. */
export function randomInteger(key: RandomKey, index: number, bound: number): number {
  return Math.floor(uniform(key, index) * bound);
}

/** Fills `out` with independent normal values of mean 0 and the given standard deviation (Box–Muller). */
export function fillNormal(out: Float32Array, key: RandomKey, standardDeviation: number): void {
  for (let i = 0; i < out.length; i += 2) {
    randomBlock(key, i, block);
    const radius = standardDeviation * Math.sqrt(-2 * Math.log((block[0] + 1) / 4294967297));
    const angle = (2 * Math.PI * block[1]) / 4294967296;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
}

/** A uniform random permutation of 0 … count − 1 (Fisher–Yates). */
export function permutation(key: RandomKey, count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = randomInteger(key, i, i + 1);
    const swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
  return order;
}
