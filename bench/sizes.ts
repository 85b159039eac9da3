import { plainLlama } from "#strata/model/config/architecture.js";
import type { LlamaConfig } from "#strata/model/config/model-config.js";
import type { DType } from "#strata/tensor/dtype.js";

export type SizeName = "S" | "M" | "B";

/** A model and the batch it is trained on. */
export interface Size {
  readonly name: SizeName;
  readonly config: LlamaConfig;
  readonly B: number;
  readonly T: number;
  /** Element type of the weights' file. */
  readonly stored: DType;
}

const common = {
  ...plainLlama,
  layers: 16,
  normEpsilon: 1e-5,
  ropeTheta: 500000,
  tiedHead: true,
  maximumPositions: 2048,
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
      width: 256,
      queryHeads: 4,
      keyValueHeads: 2,
      headWidth: 64,
      feedForwardWidth: 1024,
      vocabularySize: 4096,
    },
  },
  M: {
    name: "M",
    B: 8,
    T: 512,
    stored: "f32",
    config: {
      ...common,
      width: 512,
      queryHeads: 8,
      keyValueHeads: 2,
      headWidth: 64,
      feedForwardWidth: 2048,
      vocabularySize: 8192,
    },
  },
  B: {
    name: "B",
    B: 1,
    T: 512,
    stored: "bf16",
    config: {
      ...common,
      width: 2048,
      queryHeads: 32,
      keyValueHeads: 8,
      headWidth: 64,
      feedForwardWidth: 8192,
      vocabularySize: 128256,
    },
  },
};
