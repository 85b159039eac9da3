import { plainLlama } from "#strata/model/config/architecture.js";
import type { ModelConfig } from "#strata/model/config/model-config.js";
import type { DType } from "#strata/tensor/dtype.js";

export type SizeName = "S" | "M" | "B";

/** A model and its training batch. */
export interface Size {
  readonly name: SizeName;
  readonly config: ModelConfig;
  readonly B: number;
  readonly T: number;
  /** Dtype of the stored weights. */
  readonly stored: DType;
}

const common = {
  ...plainLlama,
  layers: 16,
  rmsNormEps: 1e-5,
  ropeTheta: 500000,
  tieWordEmbeddings: true,
  maxPositions: 2048,
  bosId: null,
  eosIds: [],
} as const;

/** B has the shape of Llama 3.2 1B. */
export const sizes: Readonly<Record<SizeName, Size>> = {
  S: {
    name: "S",
    B: 16,
    T: 256,
    stored: "f32",
    config: {
      ...common,
      hiddenSize: 256,
      attentionHeads: 4,
      keyValueHeads: 2,
      headDim: 64,
      intermediateSize: 1024,
      vocabSize: 4096,
    },
  },
  M: {
    name: "M",
    B: 8,
    T: 512,
    stored: "f32",
    config: {
      ...common,
      hiddenSize: 512,
      attentionHeads: 8,
      keyValueHeads: 2,
      headDim: 64,
      intermediateSize: 2048,
      vocabSize: 8192,
    },
  },
  B: {
    name: "B",
    B: 1,
    T: 512,
    stored: "bf16",
    config: {
      ...common,
      hiddenSize: 2048,
      attentionHeads: 32,
      keyValueHeads: 8,
      headDim: 64,
      intermediateSize: 8192,
      vocabSize: 128256,
    },
  },
};
