import { constants, copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createFolder } from "../../files/create-folder.js";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import type { TensorEntry } from "../../tensor/safetensors.js";
import type { TensorChunks } from "../../tensor/write-safetensors.js";
import { writeShardedSafetensors } from "../../tensor/safetensors-shards.js";
import { torchName } from "../config/model-config.js";
import type { ModelFolder } from "./model-folder.js";
import { readJson } from "./read-config.js";

/**
 * Writes the weights, and copies the other files of the source folder unchanged: configuration, generation
 * configuration, tokenizer and so on. Only if dtypes differ from the source's, config.json gets the new dtype; and it
 * gets the changes that the source names.
 *
 * @param shardBytes  larger weights are split into several files with an index
 * @param isOutput  as of `writeSafetensors`
 */
export async function writeModelFolder(
  folder: string,
  source: ModelFolder,
  entries: readonly TensorEntry[],
  chunks: TensorChunks,
  shardBytes?: number,
  isOutput = false,
): Promise<void> {
  createFolder(folder);
  await writeShardedSafetensors(folder, entries, chunks, shardBytes, isOutput);
  writeOtherFiles(folder, source, entries);
}

/** Writes what `writeModelFolder` writes beside the weights. */
export function writeOtherFiles(folder: string, source: ModelFolder, entries: readonly TensorEntry[]): void {
  const sameTypes = entries.every(({ name, dtype }) => source.tensors.get(name)?.dtype === dtype);
  const dtype = sameTypes ? null : torchName(new Set(entries.map((entry) => entry.dtype)));
  copyOtherFiles(source, folder, dtype);
}

/** Of the source; its adapter, which is not applied, has no weights in the copy. */
const weights = /\.(safetensors|bin|pt|pth|gguf|h5|msgpack|onnx|partial)$|\.index\.json$|^adapter_config\.json$/;

/** @param dtype  the new dtype in config.json; null to keep the old one */
function copyOtherFiles({ folder: from, configChanges }: ModelFolder, to: string, dtype: string | null): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory() || weights.test(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.name === "config.json") copyConfig(source, target, dtype, configChanges);
    else copyFileSync(source, target, constants.COPYFILE_FICLONE);
  }
}

function copyConfig(from: string, to: string, dtype: string | null, changes: ModelFolder["configChanges"]): void {
  const config = readJson(from) as Record<string, unknown>;
  const members = ["torch_dtype", "dtype"].filter(
    (member) => dtype !== null && member in config && config[member] !== dtype,
  );
  if (members.length === 0 && Object.keys(changes).length === 0) copyFileSync(from, to);
  else writeJsonAtomic(to, { ...config, ...Object.fromEntries(members.map((member) => [member, dtype])), ...changes });
}
