/** How a part is trained; the plain data that a recipe resolves to. */
export interface TrainingSettings {
  /** T: positions of a sequence. */
  readonly sequenceLength: number;
  /** Sequences of a step. */
  readonly batchSize: number;
  /** B: sequences of one forward and backward, a divisor of `batchSize`; the gradients of a step's are added. */
  readonly microBatchSize: number;
  /** Peak of the schedule. */
  readonly learningRate: number;
  readonly schedule: "cosine" | "wsd" | "constant";
  /** Share of the steps over which the rate rises from 0. */
  readonly warmup: number;
  /** `wsd` only: share of the steps at the end over which the rate falls. */
  readonly decay: number;
  /** The rate at the end, as a share of the peak. */
  readonly finalLearningRate: number;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Largest global norm of the gradient; null for no clipping. */
  readonly maxGradNorm: number | null;
}

/** How a part goes about it; not part of what it computes. */
export interface ExecutionOptions {
  /** Between saves of its state; null is never. */
  readonly checkpointMinutes: number | null;
  readonly checkpointSteps: number | null;
  /** Keep one layer's activations at a time and compute them again for the backward. */
  readonly activationCheckpointing: boolean;
  /** Trained weights, gradients and moments lie on disk, and in memory only those of the layer at work. */
  readonly offload: boolean;
  /** Disk for what frozen layers below the window give, from the second pass on; 0 is none. */
  readonly prefixCacheGigabytes: number;
}
