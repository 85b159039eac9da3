import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseConfigJson } from "../../text/parse-config-json.js";
import { formatModelReference, type ModelReference } from "../config/model-reference.js";
import { mergeError, shownValue } from "../merge-error.js";
import type { FileReader } from "./file-reader.js";
import type { InputTensor } from "./input-tensor.js";
import { pytorchTensors } from "./pytorch-file.js";
import { addAdapter } from "./add-adapter.js";
import { safetensorsTensors } from "./safetensors-tensors.js";
import { findWeightFiles } from "./weight-files.js";
import { readText } from "../../files/read-text.js";

export type ModelConfigJson = Readonly<Record<string, unknown>>;

/** An opened model; no weight is read yet. */
export interface InputModel {
  readonly reference: ModelReference;
  /** As the configuration names it. */
  readonly label: string;
  readonly folder: string;
  /** Null if the folder has no config.json. */
  readonly config: ModelConfigJson | null;
  /** Where that is not the folder's config.json: its members that differ, as in `MergePlan.configChanges`. */
  readonly configChanges?: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, InputTensor>;
  /** Of the result of an earlier merge: its models. */
  readonly mergedFrom?: readonly InputModel[];
  /** The files with its weights, to recognise that one has changed. */
  readonly files: readonly string[];
}

/** The folder of a model, which exists. */
export type FolderOf = (path: string, revision: string | null) => string;

/**
 * Opens the headers of a model's weight files.
 *
 * @param merged  the result of an earlier merge, to be taken instead of a folder
 * @throws StrataError that names the file
 */
export function openInputModel(
  reference: ModelReference,
  folderOf: FolderOf,
  reader: FileReader,
  merged: InputModel | null = null,
): InputModel {
  const { lora } = reference;
  const model = merged ?? openFolder(reference, folderOf, reader);
  if (lora === null) return model;
  const label = formatModelReference(reference);
  const { tensors, files } = addAdapter(label, model.tensors, folderOf(lora.path, lora.revision), reader);
  return { ...model, reference, label, tensors, files: [...model.files, ...files] };
}

function openFolder(reference: ModelReference, folderOf: FolderOf, reader: FileReader): InputModel {
  const folder = folderOf(reference.path, reference.revision);
  const { format, files, index } = findWeightFiles(folder);
  const tensorsIn = format === "pytorch" ? pytorchTensors : safetensorsTensors;
  const tensors = new Map<string, InputTensor>();
  for (const path of files) {
    for (const tensor of tensorsIn(path, reader)) {
      if (index === null || index.get(tensor.name) === path) tensors.set(tensor.name, tensor);
    }
  }
  const missing = index === null ? undefined : [...index.keys()].find((name) => !tensors.has(name));
  if (missing !== undefined) {
    const hint = "The index does not fit the files: copy the model again from its source.";
    throw mergeError(`${index?.get(missing)} ${missing}`, "the tensor that the index names", "nothing", hint);
  }
  const label = formatModelReference(reference);
  return { reference, label, folder, config: readConfig(folder), tensors, files };
}

function readConfig(folder: string): ModelConfigJson | null {
  const path = join(folder, "config.json");
  if (!existsSync(path)) return null;
  const hint = "The file is damaged: copy it again from its source.";
  let value: unknown;
  try {
    value = parseConfigJson(readText(path));
  } catch (error) {
    throw mergeError(path, "JSON", (error as Error).message, hint, error);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as ModelConfigJson;
  throw mergeError(path, "a JSON object", shownValue(value), hint);
}

/** Size and time of the files of a model: another value means other weights. */
export function fileStamps(model: InputModel): readonly string[] {
  return model.files.map((path) => {
    const { size, mtimeMs, ino } = statSync(path);
    return `${path} ${size} ${mtimeMs} ${ino}`;
  });
}
