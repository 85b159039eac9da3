import type { ExecutionOptions, TrainingSettings } from "../../src/train/settings.js";
import { plainAdamW } from "./adamw.js";

/** Of a part of a pico model with sequences of five tokens. */
export const smallSettings: TrainingSettings = {
  sequenceLength: 5,
  batchSize: 4,
  microBatchSize: 2,
  learningRate: 0.01,
  schedule: "cosine",
  warmup: 0.2,
  decay: 0.2,
  finalLearningRate: 0.1,
  weightDecay: 0.1,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  maxGradNorm: 1,
  ...plainAdamW,
};

/** No checkpoints, and nothing that saves memory or time. */
export const plainExecution: ExecutionOptions = {
  checkpointMinutes: null,
  checkpointSteps: null,
  activationCheckpointing: false,
  offload: false,
  prefixCacheGigabytes: 0,
};
