import { openScope } from "../../device/device-scope.js";
import type { Device } from "../../device/kernels.js";

/** FLOP/s of a 512 × 512 × 512 matrix product, the best of five. */
export async function measureFlops(opened: Device): Promise<number> {
  const { device, close } = openScope(opened);
  const size = 512;
  const [out, w] = [0, 1].map(() => device.allocate("f32", size * size));
  const x = device.allocate(device.facts.computeDType, size * size);
  let best = 0;
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    device.kernels.matmul({ out, x, w, residual: null, N: size, I: size, O: size });
    await device.read(out);
    best = Math.max(best, (2 * size ** 3) / ((performance.now() - started) / 1000));
  }
  close();
  return best;
}
