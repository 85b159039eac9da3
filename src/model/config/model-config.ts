import type { DType } from "../../tensor/dtype.js";
import { formatArchitecture, parseArchitecture, parseTruth, type Architecture } from "./architecture.js";
import { families, type Family } from "./families.js";
import { formatRopeScaling, parseRope, type Rope } from "./rope-scaling.js";
import { unsupported, type Json } from "./unsupported.js";

export interface ModelConfig extends Architecture, Rope {
  /** V */
  readonly vocabSize: number;
  /** D */
  readonly hiddenSize: number;
  /** L */
  readonly layers: number;
  /** H */
  readonly attentionHeads: number;
  /** K; divides H */
  readonly keyValueHeads: number;
  /** E; even */
  readonly headDim: number;
  /** F */
  readonly intermediateSize: number;
  readonly rmsNormEps: number;
  /** Whether the output head shares the weights of the input embedding. */
  readonly tieWordEmbeddings: boolean;
  readonly maxPositions: number;
  readonly bosId: number | null;
  readonly eosIds: readonly number[];
}

/** Reads a Hugging Face config.json. @throws StrataError for an unsupported architecture or a missing number */
export function parseConfig(json: unknown, where: string): ModelConfig {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw unsupported(where, "the members of a model's configuration", json);
  }
  const config = json as Json;
  const architecture = parseArchitecture(config, where);
  const { keyValueHeads, bosId, eosId, ...defaults } = families[architecture.family];
  const number = (key: string, otherwise?: number): number => {
    const value = config[key] ?? otherwise;
    if (typeof value !== "number") throw unsupported(`${where} ${key}`, "a number", value);
    return value;
  };
  const maxPositions = number("max_position_embeddings", defaults.maxPositions);
  const hiddenSize = number("hidden_size");
  const attentionHeads = number("num_attention_heads");
  return checkSizes(
    {
      ...architecture,
      vocabSize: number("vocab_size"),
      hiddenSize,
      layers: number("num_hidden_layers"),
      attentionHeads,
      keyValueHeads: number(
        "num_key_value_heads",
        config.num_key_value_heads === null ? attentionHeads : (keyValueHeads ?? attentionHeads),
      ),
      headDim: number("head_dim", defaultHeadDim(architecture.family, hiddenSize, attentionHeads)),
      intermediateSize: number("intermediate_size"),
      rmsNormEps: number("rms_norm_eps", 1e-6),
      ...parseRope(config, where, maxPositions),
      tieWordEmbeddings: parseTruth(config, "tie_word_embeddings", where),
      maxPositions,
      bosId:
        config.bos_token_id === undefined ? bosId : (parseIds(config.bos_token_id, `${where} bos_token_id`)[0] ?? null),
      eosIds: parseIds(config.eos_token_id === undefined ? eosId : config.eos_token_id, `${where} eos_token_id`),
    },
    where,
  );
}

/** Transformers rounds down, but refuses a Llama whose heads do not divide its hidden size. */
function defaultHeadDim(family: Family, hiddenSize: number, attentionHeads: number): number {
  const ratio = hiddenSize / attentionHeads;
  return family === "llama" ? ratio : Math.floor(ratio);
}

/** One id, a list of ids, or null for none; -1 means none, too. @throws StrataError for anything else */
export function parseIds(value: unknown, where: string): readonly number[] {
  const ids: readonly unknown[] = Array.isArray(value) ? value : value === null ? [] : [value];
  for (const id of ids) if (!Number.isInteger(id)) throw unsupported(where, "an id, a list of ids or null", value);
  return (ids as readonly number[]).filter((id) => id >= 0);
}

/** @throws StrataError unless sizes are positive integers, K divides H and E is even */
function checkSizes(config: ModelConfig, where: string): ModelConfig {
  const { vocabSize, hiddenSize, layers, attentionHeads, keyValueHeads, headDim, intermediateSize } = config;
  const sizes = { vocabSize, hiddenSize, layers, attentionHeads, keyValueHeads, headDim, intermediateSize };
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1) throw unsupported(`${where} ${name}`, "a positive integer", size);
  }
  if (attentionHeads % keyValueHeads !== 0) {
    throw unsupported(`${where} num_key_value_heads`, `a divisor of ${attentionHeads} query heads`, keyValueHeads);
  }
  if (headDim % 2 !== 0) throw unsupported(`${where} head_dim`, "an even number", headDim);
  return config;
}

const torchNames: Partial<Record<DType, string>> = { f32: "float32", bf16: "bfloat16", f16: "float16" };

/** The value of torch_dtype in config.json; float32 if the tensors have several dtypes. */
export function torchName(dtypes: ReadonlySet<DType>): string {
  return torchNames[dtypes.size === 1 ? [...dtypes][0] : "f32"] ?? "float32";
}

/** A config.json for transformers 4.43 and later. */
export function formatConfig(config: ModelConfig, dtype: DType): object {
  return {
    ...formatArchitecture(config),
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.attentionHeads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headDim,
    intermediate_size: config.intermediateSize,
    hidden_act: "silu",
    rms_norm_eps: config.rmsNormEps,
    rope_theta: config.ropeTheta,
    rope_scaling: formatRopeScaling(config.ropeScaling),
    tie_word_embeddings: config.tieWordEmbeddings,
    max_position_embeddings: config.maxPositions,
    attention_dropout: 0,
    initializer_range: 0.02,
    bos_token_id: config.bosId,
    eos_token_id: config.eosIds.length > 1 ? config.eosIds : (config.eosIds[0] ?? null),
    torch_dtype: torchName(new Set([dtype])),
    use_cache: true,
  };
}
