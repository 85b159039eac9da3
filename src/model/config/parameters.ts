import type { ModelConfig } from "./model-config.js";

/** One tensor of a Llama by its Hugging Face name. Initializing, saving, freezing, merging and AdamW use this table. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** Null for embedding, final norm and head. */
  readonly layer: number | null;
  /** Weight decay applies: matrices, not norms and biases. */
  readonly decay: boolean;
  readonly initial:
    | { readonly kind: "normal"; readonly standardDeviation: number }
    | { readonly kind: "ones" | "zeros" };
}

export const embeddingName = "model.embed_tokens.weight";
export const finalNormName = "model.norm.weight";

export const untiedHeadName = "lm_head.weight";

export function headName(config: ModelConfig): string {
  return config.tieWordEmbeddings ? embeddingName : untiedHeadName;
}

/** Names of a layer's tensors, by their part in the computation; which biases there are, the configuration says. */
export function layerNames(layer: number) {
  const prefix = `model.layers.${layer}`;
  return {
    attentionNorm: `${prefix}.input_layernorm.weight`,
    query: `${prefix}.self_attn.q_proj.weight`,
    key: `${prefix}.self_attn.k_proj.weight`,
    value: `${prefix}.self_attn.v_proj.weight`,
    output: `${prefix}.self_attn.o_proj.weight`,
    feedForwardNorm: `${prefix}.post_attention_layernorm.weight`,
    gate: `${prefix}.mlp.gate_proj.weight`,
    up: `${prefix}.mlp.up_proj.weight`,
    down: `${prefix}.mlp.down_proj.weight`,
    queryBias: `${prefix}.self_attn.q_proj.bias`,
    keyBias: `${prefix}.self_attn.k_proj.bias`,
    valueBias: `${prefix}.self_attn.v_proj.bias`,
    outputBias: `${prefix}.self_attn.o_proj.bias`,
    gateBias: `${prefix}.mlp.gate_proj.bias`,
    upBias: `${prefix}.mlp.up_proj.bias`,
    downBias: `${prefix}.mlp.down_proj.bias`,
  };
}

export function parameters(config: ModelConfig): readonly Parameter[] {
  const { hiddenSize: D, vocabSize: V } = config;
  const matrix = (
    name: string,
    rows: number,
    columns: number,
    layer: number | null,
    standardDeviation = 0.02,
  ): Parameter => ({
    name,
    shape: [rows, columns],
    layer,
    decay: true,
    initial: { kind: "normal", standardDeviation },
  });
  const norm = (name: string, layer: number | null): Parameter => ({
    name,
    shape: [D],
    layer,
    decay: false,
    initial: { kind: "ones" },
  });
  const layers = Array.from({ length: config.layers }, (_, layer) =>
    layerParameters(config, layer, matrix, norm),
  ).flat();
  const head = config.tieWordEmbeddings ? [] : [matrix(headName(config), V, D, null)];
  return [matrix(embeddingName, V, D, null), ...layers, norm(finalNormName, null), ...head];
}

type MakeMatrix = (name: string, rows: number, columns: number, layer: number, standardDeviation?: number) => Parameter;
type MakeNorm = (name: string, layer: number) => Parameter;

function layerParameters(config: ModelConfig, layer: number, matrix: MakeMatrix, norm: MakeNorm): Parameter[] {
  const { hiddenSize: D, headDim: E, intermediateSize: F } = config;
  const Q = config.attentionHeads * E;
  const KV = config.keyValueHeads * E;
  const names = layerNames(layer);
  const { attentionBias, feedForwardBias } = config;
  const biases = (present: boolean, sizes: readonly (readonly [name: string, size: number])[]): Parameter[] =>
    present
      ? sizes.map(([name, size]) => ({ name, shape: [size], layer, decay: false, initial: { kind: "zeros" } }))
      : [];
  // What is added to the residual stream starts smaller, so that its variance does not grow with the depth (GPT-2).
  const residual = 0.02 / Math.sqrt(2 * config.layers);
  return [
    norm(names.attentionNorm, layer),
    matrix(names.query, Q, D, layer),
    matrix(names.key, KV, D, layer),
    matrix(names.value, KV, D, layer),
    matrix(names.output, D, Q, layer, residual),
    norm(names.feedForwardNorm, layer),
    matrix(names.gate, F, D, layer),
    matrix(names.up, F, D, layer),
    matrix(names.down, D, F, layer, residual),
    ...biases(attentionBias !== "none", [
      [names.queryBias, Q],
      [names.keyBias, KV],
      [names.valueBias, KV],
    ]),
    ...biases(attentionBias === "all", [[names.outputBias, D]]),
    ...biases(feedForwardBias, [
      [names.gateBias, F],
      [names.upBias, F],
      [names.downBias, D],
    ]),
  ];
}
