import type { StrataError } from "../../errors/strata-error.js";
import { checkpointError } from "../../tensor/checkpoint-error.js";
import { openSafetensors, type StoredTensor, type UnreadableTensor } from "../../tensor/safetensors.js";
import { safetensorsFiles } from "../../tensor/safetensors-shards.js";

/** A tensor of a model folder; one without `byteOffset` has a dtype that Strata cannot read. */
export type FolderTensor = StoredTensor | UnreadableTensor;

/** Of the modules that contain the layers in a whole model. */
const prefix = "model.";

/**
 * Reads the headers of a folder's weights. As in transformers, a tensor may lack the prefix `model.`, which models
 * saved by AutoModel do not have, or have it once too often.
 *
 * @param parameters  the names of the whole model's parameters
 * @returns by the name of the parameter; other tensors have the name in their file
 */
export function readStoredWeights(folder: string, parameters: ReadonlySet<string>): ReadonlyMap<string, FolderTensor> {
  const stored = new Map<string, FolderTensor>();
  for (const path of safetensorsFiles(folder)) {
    const { tensors, unreadable } = openSafetensors(path);
    for (const [name, tensor] of [...tensors, ...unreadable]) stored.set(name, tensor);
  }
  const named = new Map<string, FolderTensor>();
  for (const [name, tensor] of stored) {
    const parameter = parameterOf(name, parameters);
    const other = named.get(parameter);
    if (other !== undefined) throw twice(parameter, other, tensor);
    named.set(parameter, tensor);
  }
  return named;
}

function parameterOf(name: string, parameters: ReadonlySet<string>): string {
  const shorter = name.slice(prefix.length);
  if (name.startsWith(prefix) && parameters.has(shorter)) return shorter;
  return parameters.has(prefix + name) ? prefix + name : name;
}

function twice(parameter: string, first: FolderTensor, second: FolderTensor): StrataError {
  const hint = "Remove one of them, or load the model in transformers and save it again.";
  const where = `${second.path} ${second.name}`;
  return checkpointError(where, `one tensor for ${parameter}`, `a second one: ${first.name}`, hint);
}
