import type { Device, DeviceBuffer } from "../device/kernels.js";
import { writeSafetensors } from "../tensor/write-safetensors.js";
import type { OptimizerState, Progress } from "./optimizer-state.js";
import { floatChunks } from "./save-model.js";

/** Writes what `readMoments` reads in the next round: the moments without the weights, which the model has. */
export async function writeMoments(
  path: string,
  device: Device,
  { m, v }: Pick<OptimizerState, "m" | "v">,
  progress: Progress,
): Promise<void> {
  const buffers = new Map<string, DeviceBuffer>();
  for (const [kind, moments] of Object.entries({ m, v })) {
    for (const [name, buffer] of moments) buffers.set(`${kind}/${name}`, buffer);
  }
  const entries = [...buffers].map(([name, { length }]) => ({ name, dtype: "f32" as const, shape: [length] }));
  const chunks = ({ name }: { readonly name: string }) => floatChunks(device, buffers.get(name) as DeviceBuffer);
  await writeSafetensors(path, entries, chunks, { progress: JSON.stringify(progress) }, true);
}
