import { openScope } from "../../device/device-scope.js";
import type { Device } from "../../device/kernels.js";

/** Other programs interrupt some products. */
const milliseconds = 250;

/** FLOP/s of a 256 × 256 × 256 matrix product, the best of at least five. */
export async function measureFlops(opened: Device): Promise<number> {
  const { device, close } = openScope(opened);
  const size = 256;
  const [out, w] = [0, 1].map(() => device.allocate("f32", size * size));
  const x = device.allocate(device.facts.computeDType, size * size);
  let best = 0;
  const begin = performance.now();
  for (let i = 0; i < 5 || performance.now() - begin < milliseconds; i++) {
    const started = performance.now();
    device.kernels.matmul({ out, x, w, residual: null, N: size, I: size, O: size });
    await device.read(out);
    best = Math.max(best, (2 * size ** 3) / ((performance.now() - started) / 1000));
  }
  close();
  return best;
}
