import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { formatConfig } from "../model/config.js";
import type { ModelFolder } from "../model/model-folder.js";
import type { Model } from "../model/model.js";
import { writeJsonAtomic } from "../tensor/atomic-file.js";
import type { FloatArray } from "../tensor/dtype.js";
import { readTensorBytes, writeSafetensors } from "../tensor/safetensors.js";

/**
 * Writes the model as a Hugging Face folder: trained tensors as f32, frozen ones with the very bytes of the source, the
 * source's other files (tokenizer) unchanged.
 */
export async function saveModel(folder: string, model: Model, source: ModelFolder): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(source.folder)) {
    if (name === "config.json" || name.includes(".safetensors")) continue;
    copyFileSync(join(source.folder, name), join(folder, name));
  }
  const entries = [...source.tensors.values()].map(({ name, dtype, shape }) => ({
    name,
    shape,
    dtype: model.gradients.has(name) ? ("f32" as const) : dtype,
  }));
  await writeSafetensors(join(folder, "model.safetensors"), entries, async function* ({ name }) {
    const trained = model.gradients.has(name) ? model.weights.get(name) : undefined;
    const stored = source.tensors.get(name);
    if (trained) yield floatBytes((await model.device.read(trained)) as FloatArray);
    else if (stored) yield readTensorBytes(stored);
  });
  const dtypes = new Set(entries.map(({ dtype }) => dtype));
  writeJsonAtomic(join(folder, "config.json"), formatConfig(source.config, dtypes.size === 1 ? [...dtypes][0] : "f32"));
}

/** The bytes of f32 values as a file holds them. */
export function floatBytes(values: FloatArray): Uint8Array {
  const single = values instanceof Float32Array ? values : Float32Array.from(values);
  return new Uint8Array(single.buffer, single.byteOffset, single.byteLength);
}
