import { existsSync } from "node:fs";
import { join } from "node:path";
import type { StrataError } from "../../errors/strata-error.js";
import { checkpointError } from "../../tensor/checkpoint-error.js";
import type { DType } from "../../tensor/dtype.js";
import type { StoredTensor } from "../../tensor/safetensors.js";
import { families } from "../config/families.js";
import type { ModelConfig } from "../config/model-config.js";
import {
  embeddingName,
  finalNormName,
  headName,
  parameters,
  untiedHeadName,
  type Parameter,
} from "../config/parameters.js";
import { leaveOutBuffers } from "./extra-tensors.js";
import { readModelConfig } from "./read-config.js";
import { haveSameValues } from "./same-values.js";
import { readStoredWeights, type FolderTensor } from "./stored-weights.js";

/** A Hugging Face model folder; it has every tensor of its configuration, in the right shape. */
export interface ModelFolder {
  readonly folder: string;
  /** As the files are used: config.json, except that a head with other values than the embedding is not tied to it. */
  readonly config: ModelConfig;
  /** By parameter, in the order of `parameters`; the tensors have the names in their files. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Members of config.json that must change where the tensors are written by the names of their parameters. */
  readonly configChanges: Readonly<Record<string, unknown>>;
  /** What the user should know about these files, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Reads config.json, generation_config.json and the headers of the weights, in one file or sharded. If config.json ties
 * a head that is stored beside the embedding, the values of both are read, up to the first difference.
 */
export function openModelFolder(folder: string): ModelFolder {
  const { config: written, namesWholeModel, note: ropeNote } = readModelConfig(folder);
  const names = parameters({ ...written, tieWordEmbeddings: false }).map(({ name }) => name);
  const stored = readStoredWeights(folder, new Set(names));
  const config = { ...written, tieWordEmbeddings: written.tieWordEmbeddings && !hasOtherHead(stored) };
  const tensors = new Map<string, StoredTensor>();
  for (const parameter of parameters(config)) tensors.set(parameter.name, tensorOf(folder, config, stored, parameter));
  const used = new Set<FolderTensor | undefined>([...tensors.values(), stored.get(untiedHeadName)]);
  const bufferNote = leaveOutBuffers(
    config,
    [...stored.values()].filter((tensor) => !used.has(tensor)),
  );
  const untied = config.tieWordEmbeddings !== written.tieWordEmbeddings;
  const isRenamed = [...stored].some(([name, tensor]) => used.has(tensor) && name !== tensor.name);
  return {
    folder,
    config,
    tensors,
    configChanges: {
      ...(untied ? { tie_word_embeddings: false } : {}),
      ...(isRenamed && !namesWholeModel ? { architectures: [families[config.family].architecture] } : {}),
    },
    notes: [ropeNote, untied ? untiedNote : null, bufferNote, adapterNote(folder)].filter((note) => note !== null),
  };
}

const untiedNote =
  "lm_head.weight differs from the embedding although config.json has tie_word_embeddings: true. It is used as a " +
  "separate matrix, as in transformers 5, and written models have tie_word_embeddings: false";

/** Null without an adapter in the folder. */
function adapterNote(folder: string): string | null {
  if (!existsSync(join(folder, "adapter_config.json"))) return null;
  return (
    "The adapter in this folder (adapter_config.json) is ignored; transformers with PEFT would apply it. To use it, " +
    "merge it into the model with merge_and_unload()"
  );
}

const storable: readonly string[] = ["f32", "bf16", "f16"] satisfies readonly DType[];

function isReadable(tensor: FolderTensor): tensor is StoredTensor {
  return storable.includes(tensor.dtype);
}

function hasOtherHead(stored: ReadonlyMap<string, FolderTensor>): boolean {
  const [embedding, head] = [stored.get(embeddingName), stored.get(untiedHeadName)];
  if (embedding === undefined || head === undefined) return false;
  return !isReadable(embedding) || !isReadable(head) || !haveSameValues(embedding, head);
}

function tensorOf(
  folder: string,
  config: ModelConfig,
  stored: ReadonlyMap<string, FolderTensor>,
  { name, shape }: Parameter,
): StoredTensor {
  // Some checkpoints with tied embeddings store only the head.
  const isHead = config.tieWordEmbeddings && name === headName(config);
  const tensor = stored.get(name) ?? (isHead ? stored.get(untiedHeadName) : undefined);
  if (!tensor) throw missing(folder, name, shape, stored);
  if (tensor.shape.join() !== shape.join()) {
    const hint = "config.json and the weights do not match: copy both from the same model.";
    throw checkpointError(
      `${tensor.path} ${tensor.name}`,
      `shape [${shape.join(", ")}]`,
      `[${tensor.shape.join(", ")}]`,
      hint,
    );
  }
  if (isReadable(tensor)) return tensor;
  const hint = "Convert the checkpoint to bf16, f16 or f32 first.";
  throw checkpointError(`${tensor.path} ${tensor.name}`, `dtype ${storable.join(", ")}`, tensor.dtype, hint);
}

function missing(
  folder: string,
  name: string,
  shape: readonly number[],
  stored: ReadonlyMap<string, FolderTensor>,
): StrataError {
  const expected = `a tensor of shape [${shape.join(", ")}]`;
  if (name !== untiedHeadName) {
    const hint = "Check the path, and that the model was copied completely.";
    // Every folder has a final norm; without it, all names are probably others.
    const [other] = stored.has(finalNormName) ? [] : stored.keys();
    return checkpointError(
      `${folder} ${name}`,
      expected,
      other === undefined ? "nothing" : `others, such as ${other}`,
      hint,
    );
  }
  return checkpointError(
    `${folder} ${name}`,
    `${expected}, as config.json does not tie the head to the embedding`,
    "nothing",
    "The model was saved without its head: save it with AutoModelForCausalLM. If the embedding is its head, set " +
      "tie_word_embeddings to true in config.json.",
  );
}
