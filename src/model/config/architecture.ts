import { unsupported, type Json } from "./unsupported.js";

/** model_type of config.json. */
export type Family = "llama" | "mistral" | "qwen2";

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

/** Defaults of a config.json that lacks these members. */
interface FamilyFacts {
  readonly architecture: string;
  /** Null: as many as query heads. */
  readonly keyValueHeads: number | null;
  readonly bosId: number | null;
  readonly eosId: number | null;
}

/** @see transformers, src/transformers/models/FAMILY/configuration_FAMILY.py */
export const families: Readonly<Record<Family, FamilyFacts>> = {
  llama: { architecture: "LlamaForCausalLM", keyValueHeads: null, bosId: 1, eosId: 2 },
  mistral: { architecture: "MistralForCausalLM", keyValueHeads: 8, bosId: 1, eosId: 2 },
  qwen2: { architecture: "Qwen2ForCausalLM", keyValueHeads: 32, bosId: null, eosId: null },
};

/** Features of other families that Strata does not implement. */
const missing: Readonly<Record<string, string>> = {
  deepseek_v3: "mixture of experts and latent attention",
  gemma: "norms with 1 + weight, scaled embeddings and GELU",
  gemma2: "norms with 1 + weight, norms after each block, logit soft-capping and GELU",
  gemma3_text: "norms with 1 + weight, query and key norms, and GELU",
  gpt2: "learned positions, layer norms and GELU",
  gpt_neox: "layer norms, fused projections and GELU",
  mixtral: "mixture of experts",
  olmo2: "norms after each block, and query and key norms",
  phi3: "fused projections",
  qwen2_moe: "mixture of experts",
  qwen3: "query and key norms",
  qwen3_moe: "mixture of experts, and query and key norms",
};

/** @throws StrataError for a family or an option that Strata does not support */
export function parseArchitecture(config: Json, where: string): Architecture {
  const family = config.model_type;
  if (family !== "llama" && family !== "mistral" && family !== "qwen2") {
    throw unsupported(`${where} model_type`, '"llama", "mistral" or "qwen2"', family, missing[String(family)]);
  }
  refuseOptions(config, family, where);
  if (family === "qwen2")
    return { family, attentionBias: "query-key-value", feedForwardBias: false, slidingWindow: null };
  if (family === "mistral") return { ...plain(family), slidingWindow: parseWindow(config, where) };
  return {
    ...plain(family),
    attentionBias: config.attention_bias ? "all" : "none",
    feedForwardBias: Boolean(config.mlp_bias),
  };
}

function plain(family: Family): Architecture {
  return { family, attentionBias: "none", feedForwardBias: false, slidingWindow: null };
}

function refuseOptions(config: Json, family: Family, where: string): void {
  const activation = config.hidden_act ?? "silu";
  if (activation !== "silu") throw unsupported(`${where} hidden_act`, '"silu"', activation, "other activations");
  if (config.quantization_config) {
    throw unsupported(`${where} quantization_config`, "none", config.quantization_config, "quantized weights");
  }
  if (config.use_sliding_window)
    throw unsupported(`${where} use_sliding_window`, "false", true, "sliding windows in only some layers");
  const others = Array.isArray(config.layer_types)
    ? config.layer_types.filter((type) => type !== "full_attention")
    : [];
  // transformers ignores layer_types of a Mistral.
  if (others.length > 0 && family !== "mistral") {
    throw unsupported(
      `${where} layer_types`,
      '"full_attention" for all layers',
      others[0],
      "layers of different types",
    );
  }
}

/** The default is that of transformers, 4096. */
function parseWindow({ sliding_window: window = 4096 }: Json, where: string): number | null {
  if (window === null || (Number.isInteger(window) && Number(window) > 0)) return window as number | null;
  throw unsupported(`${where} sliding_window`, "null or a positive integer", window);
}

/** The members of config.json that describe the architecture. */
export function formatArchitecture({ family, attentionBias, feedForwardBias, slidingWindow }: Architecture): object {
  const named = { architectures: [families[family].architecture], model_type: family };
  if (family === "mistral") return { ...named, sliding_window: slidingWindow };
  if (family === "qwen2") return { ...named, use_sliding_window: false };
  return { ...named, attention_bias: attentionBias !== "none", mlp_bias: feedForwardBias };
}
