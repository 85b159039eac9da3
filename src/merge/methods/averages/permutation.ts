import type { RandomStream } from "../../core/random-stream.js";

/** Random numbers that are drawn at once. */
const block = 1 << 16;

/**
 * The first `count` numbers of `torch.randperm(length)`, which draws length − 1 random numbers: a Fisher–Yates shuffle
 * that keeps only the places that differ from their number.
 */
export function firstOfPermutation(random: RandomStream, length: number, count: number): Uint32Array {
  const moved = new Map<number, number>();
  const numbers = new Uint32Array(count);
  for (let start = 0; start < length - 1; start += block) {
    const draws = random.next(Math.min(block, length - 1 - start));
    for (let i = start; i < Math.min(start + draws.length, count); i++) {
      const other = i + (draws[i - start] % (length - i));
      numbers[i] = moved.get(other) ?? other;
      moved.set(other, moved.get(i) ?? i);
      moved.delete(i);
    }
  }
  return numbers;
}
