import { encodeFloats } from "../../tensor/dtype.js";
import { q8BlockBytes, q8BlockSize, quantizeQ8 } from "./quantize-q8.js";

/** Supported element types. */
export type TensorType = "f32" | "f16" | "bf16" | "q8_0";

interface TypeFacts {
  /** The type code of a tensor (ggml_type). */
  readonly code: number;
  /** `general.file_type` of a model whose matrices have this type (llama_ftype). */
  readonly fileType: number;
  /** Elements per block; a row consists of whole blocks. */
  readonly blockSize: number;
  /** Bytes per block. */
  readonly blockBytes: number;
  readonly encode: (values: Float32Array) => Uint8Array;
}

/** @see ggml/include/ggml.h and include/llama.h in https://github.com/ggml-org/llama.cpp */
export const tensorTypes: Readonly<Record<TensorType, TypeFacts>> = {
  f32: { code: 0, fileType: 0, blockSize: 1, blockBytes: 4, encode: (values) => encodeFloats(values, "f32") },
  f16: { code: 1, fileType: 1, blockSize: 1, blockBytes: 2, encode: (values) => encodeFloats(values, "f16") },
  bf16: { code: 30, fileType: 32, blockSize: 1, blockBytes: 2, encode: (values) => encodeFloats(values, "bf16") },
  q8_0: { code: 8, fileType: 7, blockSize: q8BlockSize, blockBytes: q8BlockBytes, encode: quantizeQ8 },
};

/** The largest magnitude of a type. The maximum of f16, 65504, also limits the scale of q8_0. */
export function largestValue(type: TensorType): number {
  const largest: Readonly<Record<TensorType, number>> = {
    f32: Infinity,
    bf16: Infinity,
    f16: 65504,
    q8_0: 127 * 65504,
  };
  return largest[type];
}

export function encodedBytes(type: TensorType, elements: number): number {
  const { blockSize, blockBytes } = tensorTypes[type];
  return (elements / blockSize) * blockBytes;
}
