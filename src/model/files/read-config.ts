import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { refuseLfsPointerFile } from "../../files/lfs-pointer.js";
import { checkpointError } from "../../tensor/checkpoint-error.js";
import { parseConfigJson } from "../../text/parse-config-json.js";
import { families } from "../config/families.js";
import { parseConfig, parseIds, type ModelConfig } from "../config/model-config.js";
import { ropeNote } from "../config/rope-scaling.js";
import type { Json } from "../config/unsupported.js";

export interface FolderConfig {
  readonly config: ModelConfig;
  /** Whether config.json names the class of the whole model, and not, for example, the one without the head. */
  readonly namesWholeModel: boolean;
  /** Null unless config.json contains rope members that are ignored. */
  readonly note: string | null;
}

/**
 * Reads config.json and generation_config.json. Whether the head is tied also depends on the weights:
 * `openModelFolder` decides that.
 */
export function readModelConfig(folder: string): FolderConfig {
  const path = join(folder, "config.json");
  if (!existsSync(path)) {
    const isAdapter = existsSync(join(folder, "adapter_config.json"));
    const hint = isAdapter
      ? "Merge the adapter into its base model first, in PEFT with merge_and_unload()."
      : "Check the path, and that the model was copied completely.";
    const got = isAdapter ? "an adapter" : "nothing";
    throw checkpointError(path, "a Hugging Face model folder with config.json", got, hint);
  }
  const members = readJson(path);
  const config = withGenerationEosIds(folder, parseConfig(members, path));
  const { architectures } = members as Json;
  const named = Array.isArray(architectures) ? (architectures as readonly unknown[]) : [];
  return {
    config,
    namesWholeModel: named.includes(families[config.family].architecture),
    note: ropeNote(members as Json),
  };
}

/** EOS ids of generation_config.json override those of config.json, as in transformers. */
function withGenerationEosIds(folder: string, config: ModelConfig): ModelConfig {
  const path = join(folder, "generation_config.json");
  const eosIds = existsSync(path) ? (readJson(path) as { eos_token_id?: unknown } | null)?.eos_token_id : null;
  if (eosIds === null || eosIds === undefined) return config;
  return { ...config, eosIds: parseIds(eosIds, `${path} eos_token_id`) };
}

/** Reads the JSON of a model folder: see `parseConfigJson`. */
export function readJson(path: string): unknown {
  refuseLfsPointerFile(path);
  try {
    return parseConfigJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(path)));
  } catch (error) {
    throw checkpointError(path, "JSON", (error as Error).message, "The file is damaged: copy or download it again.");
  }
}
