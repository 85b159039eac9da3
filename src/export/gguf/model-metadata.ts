import type { LlamaConfig } from "../../model/config.js";
import { f32, string, u32, type Metadata } from "./metadata.js";
import { tensorTypes, type TensorType } from "./tensor-type.js";

/** The version of ggml's quantised formats. */
const quantizationVersion = 2;

/** What the file is, and the sizes of the model. @param name  as a reader shows it */
export function modelMetadata(config: LlamaConfig, name: string, type: TensorType): Metadata {
  return [
    ["general.architecture", string("llama")],
    ["general.type", string("model")],
    ["general.name", string(name)],
    ["general.file_type", u32(tensorTypes[type].fileType)],
    ["general.quantization_version", u32(quantizationVersion)],
    ["llama.vocab_size", u32(config.vocabularySize)],
    ["llama.context_length", u32(config.maximumPositions)],
    ["llama.embedding_length", u32(config.width)],
    ["llama.block_count", u32(config.layers)],
    ["llama.feed_forward_length", u32(config.feedForwardWidth)],
    ["llama.attention.head_count", u32(config.queryHeads)],
    ["llama.attention.head_count_kv", u32(config.keyValueHeads)],
    ["llama.attention.key_length", u32(config.headWidth)],
    ["llama.attention.value_length", u32(config.headWidth)],
    ["llama.attention.layer_norm_rms_epsilon", f32(config.normEpsilon)],
    ["llama.rope.dimension_count", u32(config.headWidth)],
    ["llama.rope.freq_base", f32(config.ropeTheta)],
  ];
}
