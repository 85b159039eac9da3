/** Park and Miller's generator: the same numbers in [0, 1) for the same seed. */
export function nextRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
