import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DType } from "../../tensor/dtype.js";
import { StrataError } from "../../errors/strata-error.js";
import { refuseLfsPointerFile } from "../../files/lfs-pointer.js";
import { openSafetensors, type StoredTensor } from "../../tensor/safetensors.js";
import { safetensorsFiles } from "../../tensor/safetensors-shards.js";
import { headName, parameters } from "../config/parameters.js";
import { parseConfig, parseIds, type ModelConfig } from "../config/model-config.js";

/** A Hugging Face model folder; it has every tensor of its configuration, in the right shape. */
export interface ModelFolder {
  readonly folder: string;
  readonly config: ModelConfig;
  /** In the order of `parameters`. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Reads config.json, generation_config.json and the headers of the weights, in one file or sharded. */
export function openModelFolder(folder: string): ModelFolder {
  const configPath = join(folder, "config.json");
  if (!existsSync(configPath)) throw missing(configPath, "a Hugging Face model folder with config.json");
  const config = withGenerationEosIds(folder, parseConfig(readJson(configPath), configPath));
  const stored = new Map<string, StoredTensor>();
  for (const path of safetensorsFiles(folder)) {
    for (const [name, tensor] of openSafetensors(path).tensors) stored.set(name, tensor);
  }
  const tensors = new Map<string, StoredTensor>();
  for (const { name, shape } of parameters(config)) {
    // Some checkpoints with tied embeddings store only the head.
    const tensor =
      stored.get(name) ??
      (config.tieWordEmbeddings && name === headName(config) ? stored.get("lm_head.weight") : undefined);
    if (!tensor) throw missing(`${folder} ${name}`, `a tensor of shape [${shape.join(", ")}]`);
    if (tensor.shape.join() !== shape.join()) {
      const hint = "config.json and the weights do not match: copy both from the same model.";
      throw wrong(`${tensor.path} ${name}`, `shape [${shape.join(", ")}]`, `[${tensor.shape.join(", ")}]`, hint);
    }
    if (!storable.includes(tensor.dtype)) {
      throw wrong(
        `${tensor.path} ${name}`,
        `dtype ${storable.join(", ")}`,
        tensor.dtype,
        "Convert the checkpoint to bf16, f16 or f32 first.",
      );
    }
    tensors.set(name, tensor);
  }
  refuseUnknown(stored, tensors);
  return { folder, config, tensors };
}

/** EOS ids of generation_config.json override those of config.json, as in transformers. */
function withGenerationEosIds(folder: string, config: ModelConfig): ModelConfig {
  const path = join(folder, "generation_config.json");
  const eosIds = existsSync(path) ? (readJson(path) as { eos_token_id?: unknown }).eos_token_id : null;
  if (eosIds === null || eosIds === undefined) return config;
  return { ...config, eosIds: parseIds(eosIds, `${path} eos_token_id`) };
}

const storable: readonly DType[] = ["f32", "bf16", "f16"];

/** A tensor that is not in `parameters` belongs to an architecture that Strata does not support. */
function refuseUnknown(stored: ReadonlyMap<string, StoredTensor>, known: ReadonlyMap<string, StoredTensor>): void {
  for (const [name, { path }] of stored) {
    // Old files contain the RoPE frequencies, and tied ones a second copy of the head.
    if (known.has(name) || name === "lm_head.weight" || name.endsWith(".rotary_emb.inv_freq")) continue;
    throw wrong(
      `${path} ${name}`,
      "only the tensors of its config.json",
      "another tensor",
      "Strata does not support this architecture.",
    );
  }
}

function readJson(path: string): unknown {
  refuseLfsPointerFile(path);
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw wrong(path, "JSON", (error as Error).message, "The file is damaged: copy or download it again.");
  }
}

function wrong(where: string, expected: string, got: string, hint: string): StrataError {
  return new StrataError("CheckpointError", { where, expected, got, hint });
}

function missing(where: string, expected: string): StrataError {
  return wrong(where, expected, "nothing", "Check the path, and that the model was copied completely.");
}
