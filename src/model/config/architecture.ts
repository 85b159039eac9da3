import { families, missingFeatures, type Family } from "./families.js";
import { parseSlidingWindow } from "./sliding-window.js";
import { unsupported, type Json } from "./unsupported.js";

/** How a family differs from a plain Llama. */
export interface Architecture {
  readonly family: Family;
  /** The attention projections that add a bias; `all` includes the output projection. */
  readonly attentionBias: "none" | "query-key-value" | "all";
  /** Whether gate, up and down add a bias. */
  readonly feedForwardBias: boolean;
  /** How many positions a position attends to at most, itself included; null for no limit. */
  readonly slidingWindow: number | null;
}

export const plainLlama = {
  family: "llama",
  attentionBias: "none",
  feedForwardBias: false,
  slidingWindow: null,
  ropeScaling: null,
} as const;

/** @throws StrataError for a family or an option that Strata does not support */
export function parseArchitecture(config: Json, where: string): Architecture {
  const family = config.model_type;
  if (family !== "llama" && family !== "mistral" && family !== "qwen2") {
    throw unsupported(`${where} model_type`, '"llama", "mistral" or "qwen2"', family, missingFeatures[String(family)]);
  }
  refuseOptions(config, where);
  const slidingWindow = parseSlidingWindow(config, family, where);
  const plain = { family, attentionBias: "none", feedForwardBias: false, slidingWindow } as const;
  if (family === "qwen2") return { ...plain, attentionBias: "query-key-value" };
  if (family === "mistral") return plain;
  return {
    ...plain,
    attentionBias: parseTruth(config, "attention_bias", where) ? "all" : "none",
    feedForwardBias: parseTruth(config, "mlp_bias", where),
  };
}

/** By default false, as in transformers. @throws StrataError for anything but true, false and null */
export function parseTruth(config: Json, key: string, where: string): boolean {
  const value = config[key] ?? false;
  if (typeof value !== "boolean") throw unsupported(`${where} ${key}`, "true or false", value);
  return value;
}

/** Names of one function. */
const activations: readonly unknown[] = ["silu", "swish"];

function refuseOptions(config: Json, where: string): void {
  const activation = config.hidden_act ?? "silu";
  if (!activations.includes(activation)) {
    throw unsupported(`${where} hidden_act`, '"silu" or "swish"', activation, "other activations");
  }
  const others = {
    quantization_config: "quantized weights",
    compression_config: "quantized weights",
    per_layer_config: "layers of different types",
    transformers_weights: "weights in files of other names",
  };
  for (const [key, feature] of Object.entries(others)) {
    if (config[key]) throw unsupported(`${where} ${key}`, "none", config[key], feature);
  }
}

/** The members of config.json that describe the architecture. */
export function formatArchitecture({ family, attentionBias, feedForwardBias, slidingWindow }: Architecture): object {
  const named = { architectures: [families[family].architecture], model_type: family };
  if (family === "mistral") return { ...named, sliding_window: slidingWindow };
  if (family === "qwen2") {
    const windows = { use_sliding_window: true, sliding_window: slidingWindow, max_window_layers: 0 };
    return { ...named, ...(slidingWindow === null ? { use_sliding_window: false } : windows) };
  }
  return { ...named, attention_bias: attentionBias !== "none", mlp_bias: feedForwardBias };
}
