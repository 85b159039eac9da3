import { join } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import { encodeFloats } from "../../tensor/dtype.js";
import { fillNormal, randomKey } from "../../tensor/random.js";
import { writeShardedSafetensors } from "../../tensor/safetensors-shards.js";
import { formatConfig, type ModelConfig } from "../config/model-config.js";
import { parameters, type Parameter } from "../config/parameters.js";

/** Initial weights of a tensor; they depend only on the seed and the tensor's name. */
export function initialValues({ name, shape, initial }: Parameter, seed: number): Float32Array {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (initial.kind !== "normal") return values.fill(initial.kind === "ones" ? 1 : 0);
  fillNormal(values, randomKey(seed, `initial ${name}`), initial.standardDeviation);
  return values;
}

/** Writes config.json and random f32 weights; holds one tensor in memory. */
export async function writeInitialModel(folder: string, config: ModelConfig, seed: number): Promise<void> {
  createFolder(folder);
  const table = new Map(parameters(config).map((parameter) => [parameter.name, parameter]));
  const entries = [...table.values()].map(({ name, shape }) => ({ name, shape, dtype: "f32" as const }));
  await writeShardedSafetensors(folder, entries, function* ({ name }) {
    yield encodeFloats(initialValues(table.get(name) as Parameter, seed), "f32");
  });
  writeJsonAtomic(join(folder, "config.json"), formatConfig(config, "f32"));
}
