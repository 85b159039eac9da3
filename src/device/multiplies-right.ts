import { openScope } from "./device-scope.js";
import type { Device } from "./kernels.js";

/** Odd sizes, beyond one tile. */
const [N, I, O] = [71, 53, 137];

/** Whether a product of small integers, exact in every dtype, is right; false if the device fails. */
export async function multipliesRight(opened: Device): Promise<boolean> {
  const { device, close } = openScope(opened);
  const small = (length: number, step: number) => Float32Array.from({ length }, (_, i) => ((i * step) % 17) - 8);
  const [xs, ws] = [small(N * I, 7), small(O * I, 5)];
  try {
    const [x, w, out] = [device.allocate("f32", N * I), device.allocate("f32", O * I), device.allocate("f32", N * O)];
    device.write(x, xs);
    device.write(w, ws);
    device.kernels.matmul({ out, x, w, residual: null, N, I, O });
    const products = await device.read(out);
    return products.every((value, at) => value === exact(xs, ws, Math.floor(at / O), at % O));
  } catch {
    return false;
  } finally {
    close();
  }
}

function exact(xs: Float32Array, ws: Float32Array, n: number, o: number): number {
  let sum = 0;
  for (let i = 0; i < I; i++) sum += xs[n * I + i] * ws[o * I + i];
  return sum;
}
