import type { Device } from "../../device/kernels.js";

/** FLOP/s of a device in a matrix product of a training step's size, the best of a few. */
export async function measureFlops({ allocate, kernels, read, facts }: Device): Promise<number> {
  const size = 512;
  const [out, w] = [0, 1].map(() => allocate("f32", size * size));
  const x = allocate(facts.products, size * size);
  let best = 0;
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    kernels.matmul(out, x, w, null, size, size, size);
    await read(out);
    best = Math.max(best, (2 * size ** 3) / ((performance.now() - started) / 1000));
  }
  return best;
}
