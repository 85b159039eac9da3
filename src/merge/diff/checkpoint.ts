import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FileReader } from "../inputs/file-reader.js";
import type { InputTensor } from "../inputs/input-tensor.js";
import { openInputModel, type FolderOf } from "../inputs/open-model.js";
import { pytorchTensors } from "../inputs/pytorch-file.js";
import { safetensorsTensors } from "../inputs/safetensors-tensors.js";
import { mergeError } from "../merge-error.js";

/** The tensors of a folder or of one file of weights, by name. */
export interface Checkpoint {
  /** As the user wrote it. */
  readonly path: string;
  readonly tensors: ReadonlyMap<string, InputTensor>;
}

/** Whether a path is one file of weights. */
export function isWeightFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/**
 * Opens the headers of a checkpoint; no weight is read.
 *
 * @param path  a folder, an adapter's too, or a file of safetensors or of PyTorch
 * @throws StrataError that names the file
 */
export function openCheckpoint(path: string, folderOf: FolderOf, reader: FileReader): Checkpoint {
  if (!isWeightFile(path)) {
    const folder = folderOf(path, null);
    const adapter = join(folder, "adapter_model.safetensors");
    const isAdapter = existsSync(adapter) && existsSync(join(folder, "adapter_config.json"));
    if (isAdapter) return { path, tensors: byName(safetensorsTensors(adapter, reader)) };
    return { path, tensors: openInputModel({ path, revision: null, lora: null }, folderOf, reader).tensors };
  }
  if (path.endsWith(".safetensors")) return { path, tensors: byName(safetensorsTensors(path, reader)) };
  if (/\.(bin|pt|pth)$/.test(path)) return { path, tensors: byName(pytorchTensors(path, reader)) };
  const hint = "Name a file of weights, or the folder that contains it.";
  throw mergeError(
    path,
    "the folder of a model, or a file named .safetensors, .bin, .pt or .pth",
    "a file with another name",
    hint,
  );
}

function byName(tensors: readonly InputTensor[]): ReadonlyMap<string, InputTensor> {
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}
