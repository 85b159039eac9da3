import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DType } from "../../tensor/dtype.js";
import { StrataError } from "../../errors/strata-error.js";
import { openSafetensors, type StoredTensor } from "../../tensor/safetensors.js";
import { safetensorsFiles } from "../../tensor/safetensors-shards.js";
import { headName, parameters } from "../config/parameters.js";
import { parseConfig, parseIds, type ModelConfig } from "../config/model-config.js";

/** A Hugging Face folder whose tensors are all there with the shapes of its configuration. */
export interface ModelFolder {
  readonly folder: string;
  readonly config: ModelConfig;
  /** In the order of the table of parameters. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Opens config.json, generation_config.json and the weights, single or sharded; reads headers only. */
export function openModelFolder(folder: string): ModelFolder {
  const configPath = join(folder, "config.json");
  if (!existsSync(configPath)) throw missing(configPath, "a Hugging Face model folder with config.json");
  const config = withGenerationEnds(folder, parseConfig(readJson(configPath), configPath));
  const stored = new Map<string, StoredTensor>();
  for (const path of safetensorsFiles(folder)) {
    for (const [name, tensor] of openSafetensors(path).tensors) stored.set(name, tensor);
  }
  const tensors = new Map<string, StoredTensor>();
  for (const { name, shape } of parameters(config)) {
    // Some tied checkpoints store the head alone.
    const tensor =
      stored.get(name) ??
      (config.tieWordEmbeddings && name === headName(config) ? stored.get("lm_head.weight") : undefined);
    if (!tensor) throw missing(`${folder} ${name}`, `a tensor of shape [${shape.join(", ")}]`);
    if (tensor.shape.join() !== shape.join()) {
      const hint = "config.json and the weights do not belong together: copy both from the same model.";
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

/** Where generation_config.json names ends of a text, they hold, as in transformers. */
function withGenerationEnds(folder: string, config: ModelConfig): ModelConfig {
  const path = join(folder, "generation_config.json");
  const ends = existsSync(path) ? (readJson(path) as { eos_token_id?: unknown }).eos_token_id : null;
  return ends === null || ends === undefined ? config : { ...config, eosIds: parseIds(ends, `${path} eos_token_id`) };
}

const storable: readonly DType[] = ["f32", "bf16", "f16"];

/** A tensor that is not in the table would be dropped: the model is another one than Strata computes. */
function refuseUnknown(stored: ReadonlyMap<string, StoredTensor>, known: ReadonlyMap<string, StoredTensor>): void {
  for (const [name, { path }] of stored) {
    // Old files hold the frequencies of rope, and tied ones the head a second time.
    if (known.has(name) || name === "lm_head.weight" || name.endsWith(".rotary_emb.inv_freq")) continue;
    throw wrong(
      `${path} ${name}`,
      "only tensors that config.json speaks of",
      "one more",
      "Strata does not compute this architecture.",
    );
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw wrong(
      path,
      "JSON",
      (error as Error).message,
      "The file is damaged: copy it once more from where it came from.",
    );
  }
}

function wrong(where: string, expected: string, got: string, hint: string): StrataError {
  return new StrataError("CheckpointError", { where, expected, got, hint });
}

function missing(where: string, expected: string): StrataError {
  return wrong(where, expected, "nothing", "Check the path; is the copy of the model complete?");
}
