/** How a part is trained, as plain data resolved from a recipe. */
export interface TrainingSettings {
  /** T: positions of a sequence. */
  readonly sequenceLength: number;
  /** Sequences of a step. */
  readonly batchSize: number;
  /** B: sequences of one forward and backward, a divisor of `batchSize`; gradients accumulate over a step. */
  readonly microBatchSize: number;
  /** Peak of the schedule. */
  readonly learningRate: number;
  readonly schedule: "cosine" | "wsd" | "constant";
  /** Share of the steps in which the rate rises from 0. */
  readonly warmup: number;
  /** `wsd` only: share of the steps, at the end, in which the rate falls. */
  readonly decay: number;
  /** The rate at the end, as a share of the peak. */
  readonly finalLearningRate: number;
  /** `muon` for the matrices of layers; all other tensors are AdamW's. */
  readonly optimizer: "adamw" | "muon";
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decay rate of Muon's momentum. */
  readonly momentum: number;
  /** How Muon's learning rate depends on the shape of a matrix. */
  readonly muonScaling: "match-rms-adamw" | "original";
  /** Muon: orthogonalizes blocks of this many rows, each by itself; null for whole matrices. */
  readonly muonBlockRows: number | null;
  /** Largest global norm of the gradient; null for no clipping. */
  readonly maxGradNorm: number | null;
  /** Share of the part's steps, at the end, over which the trained weights are averaged; 0 for the last weights. */
  readonly tailAverage: number;
}

/** The same settings, with fixed values where the optimizer reads none, so that equal trainings are one job. */
export function canonicalSettings(settings: TrainingSettings): TrainingSettings {
  if (settings.optimizer === "muon") return settings;
  return { ...settings, momentum: 0.95, muonScaling: "match-rms-adamw", muonBlockRows: null };
}

/** How a training is carried out; changes no byte of its output. */
export interface ExecutionOptions {
  /** Minutes between checkpoints; null for none. */
  readonly checkpointMinutes: number | null;
  /** Steps between checkpoints; null for none. */
  readonly checkpointSteps: number | null;
  /** Keeps only the input of each layer and recomputes its activations in the backward. */
  readonly activationCheckpointing: boolean;
  /** Keeps master weights, gradients and moments on disk; in memory only those of the current layer. */
  readonly offload: boolean;
  /** Disk space to cache the output of the frozen layers below the window; 0 for no cache. */
  readonly prefixCacheGigabytes: number;
}
