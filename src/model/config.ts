import type { DType } from "../tensor/dtype.js";
import { StrataError } from "../tensor/errors.js";

/** The frequencies of Llama 3.1 and later: low ones are divided by `factor`, high ones kept, those between blended. */
export interface Llama3RopeScaling {
  readonly factor: number;
  readonly lowFrequencyFactor: number;
  readonly highFrequencyFactor: number;
  readonly originalPositions: number;
}

export interface LlamaConfig {
  /** V */
  readonly vocabularySize: number;
  /** D */
  readonly width: number;
  /** L */
  readonly layers: number;
  /** H */
  readonly queryHeads: number;
  /** K; divides H */
  readonly keyValueHeads: number;
  /** E; even */
  readonly headWidth: number;
  /** F */
  readonly feedForwardWidth: number;
  readonly normEpsilon: number;
  readonly ropeTheta: number;
  readonly ropeScaling: Llama3RopeScaling | null;
  /** The head is the embedding. */
  readonly tiedHead: boolean;
  readonly maximumPositions: number;
  readonly bosId: number | null;
  readonly eosIds: readonly number[];
}

type Json = Readonly<Record<string, unknown>>;

function unsupported(where: string, expected: string, got: unknown): StrataError {
  return new StrataError("ModelError", {
    where,
    expected,
    got: JSON.stringify(got) ?? "nothing",
    hint: "Strata reads models of the Llama architecture with default or llama3 rope scaling and without biases.",
  });
}

/** Reads a Hugging Face config.json. @throws StrataError for another architecture or a missing number */
export function parseConfig(json: unknown, where: string): LlamaConfig {
  const config = json as Json;
  if (config.model_type !== "llama") throw unsupported(`${where} model_type`, '"llama"', config.model_type);
  for (const key of ["attention_bias", "mlp_bias"]) {
    if (config[key]) throw unsupported(`${where} ${key}`, "false", config[key]);
  }
  const activation = config.hidden_act ?? "silu";
  if (activation !== "silu") throw unsupported(`${where} hidden_act`, '"silu"', activation);
  const number = (key: string, otherwise?: number): number => {
    const value = config[key] ?? otherwise;
    if (typeof value !== "number") throw unsupported(`${where} ${key}`, "a number", value);
    return value;
  };
  // transformers 5 writes rope_parameters where 4 wrote rope_theta and rope_scaling.
  const rope = (config.rope_parameters ?? config.rope_scaling ?? {}) as Json;
  const width = number("hidden_size");
  const queryHeads = number("num_attention_heads");
  const eos = config.eos_token_id ?? [];
  return checkSizes({
    vocabularySize: number("vocab_size"),
    width,
    layers: number("num_hidden_layers"),
    queryHeads,
    keyValueHeads: number("num_key_value_heads", queryHeads),
    headWidth: number("head_dim", width / queryHeads),
    feedForwardWidth: number("intermediate_size"),
    normEpsilon: number("rms_norm_eps", 1e-6),
    ropeTheta: typeof rope.rope_theta === "number" ? rope.rope_theta : number("rope_theta", 10000),
    ropeScaling: parseScaling(rope, where),
    tiedHead: config.tie_word_embeddings === true,
    maximumPositions: number("max_position_embeddings", 2048),
    bosId: typeof config.bos_token_id === "number" ? config.bos_token_id : null,
    eosIds: Array.isArray(eos) ? (eos as number[]) : [eos as number],
  }, where);
}

/** @throws StrataError unless sizes are whole, heads form groups and a head has pairs for rope */
function checkSizes(config: LlamaConfig, where: string): LlamaConfig {
  const { vocabularySize, width, layers, queryHeads, keyValueHeads, headWidth, feedForwardWidth } = config;
  const sizes = { vocabularySize, width, layers, queryHeads, keyValueHeads, headWidth, feedForwardWidth };
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1) throw unsupported(`${where} ${name}`, "a whole number above 0", size);
  }
  if (queryHeads % keyValueHeads !== 0) {
    throw unsupported(`${where} num_key_value_heads`, `a divisor of ${queryHeads} query heads`, keyValueHeads);
  }
  if (headWidth % 2 !== 0) throw unsupported(`${where} head_dim`, "an even number", headWidth);
  return config;
}

function parseScaling(rope: Json, where: string): Llama3RopeScaling | null {
  const type = rope.rope_type ?? rope.type ?? "default";
  if (type === "default") return null;
  if (type !== "llama3") throw unsupported(`${where} rope_scaling.rope_type`, '"default" or "llama3"', type);
  const number = (key: string): number => {
    const value = rope[key];
    if (typeof value !== "number") throw unsupported(`${where} rope_scaling.${key}`, "a number", value);
    return value;
  };
  return {
    factor: number("factor"),
    lowFrequencyFactor: number("low_freq_factor"),
    highFrequencyFactor: number("high_freq_factor"),
    originalPositions: number("original_max_position_embeddings"),
  };
}

const torchNames: Partial<Record<DType, string>> = { f32: "float32", bf16: "bfloat16", f16: "float16" };

/** The config.json that transformers 4.43 and later load. */
export function formatConfig(config: LlamaConfig, dtype: DType): object {
  const { ropeScaling: scaling } = config;
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    vocab_size: config.vocabularySize,
    hidden_size: config.width,
    num_hidden_layers: config.layers,
    num_attention_heads: config.queryHeads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headWidth,
    intermediate_size: config.feedForwardWidth,
    hidden_act: "silu",
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeTheta,
    rope_scaling: scaling && {
      rope_type: "llama3",
      factor: scaling.factor,
      low_freq_factor: scaling.lowFrequencyFactor,
      high_freq_factor: scaling.highFrequencyFactor,
      original_max_position_embeddings: scaling.originalPositions,
    },
    tie_word_embeddings: config.tiedHead,
    max_position_embeddings: config.maximumPositions,
    attention_bias: false,
    mlp_bias: false,
    attention_dropout: 0,
    initializer_range: 0.02,
    bos_token_id: config.bosId,
    eos_token_id: config.eosIds.length > 1 ? config.eosIds : (config.eosIds[0] ?? null),
    torch_dtype: torchNames[dtype] ?? "float32",
    use_cache: true,
  };
}
