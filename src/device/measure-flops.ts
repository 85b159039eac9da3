import { openScope } from "./device-scope.js";
import type { Device } from "./kernels.js";

/** Other programs interrupt some products. */
const milliseconds = 250;
/** A product takes at least this long, so that starting it and reading from it do not count. */
const shortestMilliseconds = 2;
const largest = 4096;

/** FLOP/s of a matrix product, the best of at least five: of 256 × 256 × 256, or a larger one on a fast device. */
export async function measureFlops(opened: Device): Promise<number> {
  let size = 256;
  await bestSeconds(opened, size, 0);
  while (size < largest && 1000 * (await bestSeconds(opened, size, 0)) < shortestMilliseconds) size *= 2;
  return (2 * size ** 3) / (await bestSeconds(opened, size, milliseconds));
}

/** @param duration  milliseconds of all products at least; there are five or, for 0, one */
async function bestSeconds(opened: Device, size: number, duration: number): Promise<number> {
  const { device, close } = openScope(opened);
  const [out, w] = [0, 1].map(() => device.allocate("f32", size * size));
  const x = device.allocate(device.facts.computeDType, size * size);
  let best = Infinity;
  const begin = performance.now();
  for (let i = 0; i < (duration > 0 ? 5 : 1) || performance.now() - begin < duration; i++) {
    const started = performance.now();
    device.kernels.matmul({ out, x, w, residual: null, N: size, I: size, O: size });
    await device.read(out.slice(0, 1));
    best = Math.min(best, (performance.now() - started) / 1000);
  }
  close();
  return best;
}
