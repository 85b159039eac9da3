import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeJsonAtomic } from "../tensor/atomic-file.js";
import type { DType } from "../tensor/dtype.js";
import type { TensorEntry, TensorPieces } from "../tensor/safetensors.js";
import { writeShardedSafetensors } from "../tensor/safetensors-shards.js";
import { torchName } from "./config.js";

/**
 * Writes the weights and, beside them, what the source folder has beside its own: configuration, generation configuration,
 * tokenizer and other files, unchanged but for the type of the weights that the configuration names.
 *
 * @param shardBytes  weights of more bytes are written as several files with an index
 */
export async function writeModelFolder(
  folder: string, source: string, entries: readonly TensorEntry[], pieces: TensorPieces, shardBytes?: number,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await writeShardedSafetensors(folder, entries, pieces, shardBytes);
  copyOtherFiles(source, folder, new Set(entries.map(({ dtype }) => dtype)));
}

const weights = /\.(safetensors|bin|pt|pth|gguf|h5|msgpack|onnx|partial)$|\.index\.json$/;

function copyOtherFiles(from: string, to: string, dtypes: ReadonlySet<DType>): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory() || weights.test(entry.name)) continue;
    if (entry.name === "config.json") copyConfig(join(from, entry.name), join(to, entry.name), torchName(dtypes));
    else copyFileSync(join(from, entry.name), join(to, entry.name));
  }
}

function copyConfig(from: string, to: string, dtype: string): void {
  const config = JSON.parse(readFileSync(from, "utf8")) as Record<string, unknown>;
  const members = ["torch_dtype", "dtype"].filter((member) => member in config && config[member] !== dtype);
  if (members.length === 0) copyFileSync(from, to);
  else writeJsonAtomic(to, { ...config, ...Object.fromEntries(members.map((member) => [member, dtype])) });
}
