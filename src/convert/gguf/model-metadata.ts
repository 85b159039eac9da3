import type { ModelConfig } from "../../model/config/model-config.js";
import { f32, string, u32, type Metadata } from "./metadata.js";
import { tensorTypes, type TensorType } from "./tensor-type.js";

/** The version of ggml's quantized formats (GGML_QNT_VERSION). */
const quantizationVersion = 2;

/** llama.cpp's architecture of a family; Mistral runs as Llama. */
export function architectureName({ family }: ModelConfig): "llama" | "qwen2" {
  return family === "qwen2" ? "qwen2" : "llama";
}

/** `general.*` and the sizes of the model. @param name  `general.name`, which readers display */
export function modelMetadata(config: ModelConfig, name: string, type: TensorType): Metadata {
  const architecture = architectureName(config);
  return [
    ["general.architecture", string(architecture)],
    ["general.type", string("model")],
    ["general.name", string(name)],
    ["general.file_type", u32(tensorTypes[type].fileType)],
    ["general.quantization_version", u32(quantizationVersion)],
    ...sizes(config).map(([key, value]) => [`${architecture}.${key}`, value] as const),
  ];
}

function sizes(config: ModelConfig): Metadata {
  const { maxPositions, slidingWindow, ropeScaling } = config;
  return [
    ["vocab_size", u32(config.vocabSize)],
    // llama.cpp has no sliding window for these architectures; results agree for contexts up to the window.
    ["context_length", u32(Math.min(maxPositions, slidingWindow ?? maxPositions))],
    ["embedding_length", u32(config.hiddenSize)],
    ["block_count", u32(config.layers)],
    ["feed_forward_length", u32(config.intermediateSize)],
    ["attention.head_count", u32(config.attentionHeads)],
    ["attention.head_count_kv", u32(config.keyValueHeads)],
    ["attention.key_length", u32(config.headDim)],
    ["attention.value_length", u32(config.headDim)],
    ["attention.layer_norm_rms_epsilon", f32(config.rmsNormEps)],
    ["rope.dimension_count", u32(config.headDim)],
    ["rope.freq_base", f32(config.ropeTheta)],
    ...(ropeScaling?.kind === "linear" ? linearScaling(ropeScaling.factor) : []),
  ];
}

function linearScaling(factor: number): Metadata {
  return [
    ["rope.scaling.type", string("linear")],
    ["rope.scaling.factor", f32(factor)],
  ];
}
