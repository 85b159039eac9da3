/** model_type of config.json. */
export type Family = "llama" | "mistral" | "qwen2";

/** Defaults of a config.json that lacks these members. */
interface FamilyFacts {
  readonly architecture: string;
  readonly maxPositions: number;
  /** Null: as many as query heads. */
  readonly keyValueHeads: number | null;
  readonly bosId: number | null;
  readonly eosId: number | null;
}

/** @see transformers, src/transformers/models/FAMILY/configuration_FAMILY.py */
export const families: Readonly<Record<Family, FamilyFacts>> = {
  llama: { architecture: "LlamaForCausalLM", maxPositions: 2048, keyValueHeads: null, bosId: 1, eosId: 2 },
  mistral: { architecture: "MistralForCausalLM", maxPositions: 131072, keyValueHeads: 8, bosId: 1, eosId: 2 },
  qwen2: { architecture: "Qwen2ForCausalLM", maxPositions: 32768, keyValueHeads: 32, bosId: null, eosId: null },
};

/** Features of other families that Strata does not implement. */
export const missingFeatures: Readonly<Record<string, string>> = {
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
