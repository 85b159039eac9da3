/** How a part is trained; the plain data that a recipe resolves to. */
export interface TrainingSettings {
  /** T: positions of a sequence. */
  readonly sequenceLength: number;
  /** B: sequences of one forward and backward. */
  readonly batchSize: number;
  /** Batches whose gradients are added before a step. */
  readonly accumulate: number;
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
  readonly clip: number | null;
}

/** How often a part saves its state; not part of what it computes. Null is never. */
export interface CheckpointSettings {
  readonly checkpointMinutes: number | null;
  readonly checkpointSteps: number | null;
}
