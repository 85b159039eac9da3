import { unsupported, type Json } from "./unsupported.js";

/** model_type of config.json. */
export type Family = "llama" | "mistral" | "qwen2";

/** In what a family differs from a plain Llama. */
export interface Architecture {
  readonly family: Family;
  /** Which projections of the attention add a bias; `all` with the output's. */
  readonly attentionBias: "none" | "query-key-value" | "all";
  /** Gate, up and down add a bias. */
  readonly feedForwardBias: boolean;
  /** Positions that a position sees at most, itself included; null for all before it. */
  readonly slidingWindow: number | null;
}

export const plainLlama = {
  family: "llama",
  attentionBias: "none",
  feedForwardBias: false,
  slidingWindow: null,
  ropeScaling: null,
} as const;

interface FamilyFacts {
  readonly architecture: string;
  /** Of a config.json without these members; null: as many as query heads. */
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

/** What Strata lacks for other families. */
const missing: Readonly<Record<string, string>> = {
  deepseek_v3: "experts and compressed keys and values",
  gemma: "norms of 1 + weight, scaled embeddings and GELU",
  gemma2: "norms of 1 + weight, norms after each block, capped logits and GELU",
  gemma3_text: "norms of 1 + weight, norms of queries and keys, and GELU",
  gpt2: "learned positions, layer norms and GELU",
  gpt_neox: "layer norms, joined projections and GELU",
  mixtral: "experts",
  olmo2: "norms after each block and of queries and keys",
  phi3: "joined projections",
  qwen2_moe: "experts",
  qwen3: "norms of queries and keys",
  qwen3_moe: "experts, and norms of queries and keys",
};

/** @throws StrataError for a family or an option that Strata does not compute */
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
    throw unsupported(`${where} use_sliding_window`, "false", true, "windows in some layers only");
  const others = Array.isArray(config.layer_types)
    ? config.layer_types.filter((type) => type !== "full_attention")
    : [];
  // transformers passes over the layers' types of a Mistral.
  if (others.length > 0 && family !== "mistral") {
    throw unsupported(`${where} layer_types`, '"full_attention" for all layers', others[0], "layers that differ");
  }
}

/** A Mistral without the member has the window of the first one. */
function parseWindow({ sliding_window: window = 4096 }: Json, where: string): number | null {
  if (window === null || (Number.isInteger(window) && Number(window) > 0)) return window as number | null;
  throw unsupported(`${where} sliding_window`, "null or a whole number above 0", window);
}

/** The members of config.json that make the architecture. */
export function formatArchitecture({ family, attentionBias, feedForwardBias, slidingWindow }: Architecture): object {
  const named = { architectures: [families[family].architecture], model_type: family };
  if (family === "mistral") return { ...named, sliding_window: slidingWindow };
  if (family === "qwen2") return { ...named, use_sliding_window: false };
  return { ...named, attention_bias: attentionBias !== "none", mlp_bias: feedForwardBias };
}
