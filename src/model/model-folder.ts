import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StrataError } from "../tensor/errors.js";
import { openSafetensors, type StoredTensor } from "../tensor/safetensors.js";
import { headName, parameters } from "./parameters.js";
import { parseConfig, type LlamaConfig } from "./config.js";

/** A Hugging Face folder whose tensors are all there with the shapes of its configuration. */
export interface ModelFolder {
  readonly folder: string;
  readonly config: LlamaConfig;
  /** In the order of the table of parameters. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Opens config.json and model.safetensors (or its sharded index); reads headers only. */
export function openModelFolder(folder: string): ModelFolder {
  const configPath = join(folder, "config.json");
  if (!existsSync(configPath)) throw missing(configPath, "a Hugging Face model folder with config.json");
  const config = parseConfig(JSON.parse(readFileSync(configPath, "utf8")), configPath);
  const stored = new Map<string, StoredTensor>();
  for (const path of weightFiles(folder)) {
    for (const [name, tensor] of openSafetensors(path).tensors) stored.set(name, tensor);
  }
  const tensors = new Map<string, StoredTensor>();
  for (const { name, shape } of parameters(config)) {
    // Some tied checkpoints store the head alone.
    const tensor = stored.get(name) ?? (config.tiedHead && name === headName(config) ? stored.get("lm_head.weight") : undefined);
    if (!tensor) throw missing(`${folder} ${name}`, `a tensor of shape [${shape.join(", ")}]`);
    if (tensor.shape.join() !== shape.join()) {
      throw new StrataError("CheckpointError", {
        where: `${tensor.path} ${name}`,
        expected: `shape [${shape.join(", ")}]`,
        got: `[${tensor.shape.join(", ")}]`,
        hint: "config.json and the weights do not belong together: copy both from the same model.",
      });
    }
    tensors.set(name, tensor);
  }
  return { folder, config, tensors };
}

function weightFiles(folder: string): string[] {
  const single = join(folder, "model.safetensors");
  if (existsSync(single)) return [single];
  const index = join(folder, "model.safetensors.index.json");
  if (!existsSync(index)) throw missing(single, "model.safetensors or model.safetensors.index.json");
  const { weight_map: map } = JSON.parse(readFileSync(index, "utf8")) as { weight_map: Record<string, string> };
  return [...new Set(Object.values(map))].map((name) => join(folder, name));
}

function missing(where: string, expected: string): StrataError {
  return new StrataError("CheckpointError", { where, expected, got: "nothing", hint: "Check the path; is the copy of the model complete?" });
}
