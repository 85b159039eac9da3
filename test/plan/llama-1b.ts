import { plainLlama } from "../../src/model/config/architecture.js";
import type { ModelConfig } from "../../src/model/config/model-config.js";

/** The shape of Llama 3.2 1B. */
export const llama1b: ModelConfig = {
  ...plainLlama,
  vocabSize: 128256,
  hiddenSize: 2048,
  layers: 16,
  attentionHeads: 32,
  keyValueHeads: 8,
  headDim: 64,
  intermediateSize: 8192,
  rmsNormEps: 1e-5,
  ropeTheta: 500000,
  tieWordEmbeddings: true,
  maxPositions: 131072,
  bosId: 128000,
  eosIds: [128001],
  ropeScaling: { kind: "llama3", factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 8192 },
};
