import type { Device } from "#strata/device/kernels.js";
import type { Assignment, MatmulWork } from "../work.js";
import type { Prepared } from "./prepared.js";

/** Multiples of 1/64 in [−1, 1), which are exact in bf16. */
function operand(size: number, step: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => ((((i * step) % 1009) % 128) - 64) / 64);
}

/** One matrix product x · wᵀ of `size` rows, inputs and outputs. Units are floating-point operations. */
export async function prepareMatmul(device: Device, work: Assignment<MatmulWork>): Promise<Prepared> {
  const { size, dtype } = work;
  const [x, w] = [7919, 104729].map((step) => {
    const buffer = device.allocate(dtype, size * size);
    device.write(buffer, operand(size, step));
    return buffer;
  });
  const out = device.allocate(dtype, size * size);
  let products = 1;
  const run = async () => {
    for (let i = 0; i < products; i++) device.kernels.matmul({ out, x, w, residual: null, N: size, I: size, O: size });
    await device.read(out.slice(0, 1));
    return products * 2 * size ** 3;
  };
  await run();
  const started = performance.now();
  await run();
  // On a GPU reading takes as long as a product.
  const most = 32;
  if (work.device === "webgpu") products = Math.max(1, Math.min(most, Math.round(50 / (performance.now() - started))));
  const result = await device.read(out);
  return {
    run,
    proof: Array.from({ length: 16 }, (_, i) => (i * size) / 16).map((n) => result[n * size + ((n * 31) % size)]),
  };
}
