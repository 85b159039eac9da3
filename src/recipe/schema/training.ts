import { z } from "zod";
import { count, exactlyOne, names, nonNegative, oneOf, positive, positiveUpTo, share, truth, whole } from "./values.js";

/** The defaults without a `depth`, which otherwise determines learning rate and batch size. */
export const defaultLearningRate = 1e-3;
export const defaultBatchSize = 16;

const settings = {
  sequenceLength: count().default(256).describe("Tokens per sequence."),
  batchSize: count()
    .optional()
    .describe(`Sequences per step; default: by the model's \`depth\`, else ${defaultBatchSize}.`),
  microBatchSize: count()
    .optional()
    .describe(
      "Sequences per forward and backward pass; gradients are accumulated over a step. A divisor of `batchSize`; " +
        "default: the largest with at most 2048 tokens. Smaller values need less memory.",
    ),
  amount: exactlyOne({
    epochs: z.strictObject({ epochs: positiveUpTo(1_000_000).describe("Passes over the data.") }),
    steps: z.strictObject({ steps: count().describe("Steps of vanilla; a part trains for its share of them.") }),
    tokens: z.strictObject({ tokens: count().describe("Tokens of vanilla; a part trains on its share of them.") }),
  })
    .default({ epochs: 1 })
    .describe("How long to train."),
  learningRate: positiveUpTo(10)
    .optional()
    .describe(`Peak learning rate; default: by the model's \`depth\`, else ${defaultLearningRate}.`),
  schedule: oneOf("cosine", "wsd", "constant")
    .default("cosine")
    .describe("Shape of the learning-rate schedule after the warmup."),
  warmup: share(0, 1).default(0.03).describe("Share of the steps over which the learning rate rises."),
  decay: share(0, 1).default(0.2).describe("`wsd` only: share of the steps, at the end, over which the rate falls."),
  finalLearningRate: share(0, 1).default(0.1).describe("Learning rate at the end, as a share of the peak."),
  optimizer: oneOf("adamw", "muon")
    .default("adamw")
    .describe(
      "`muon` updates the matrices of layers by an orthogonalized momentum, without a second moment: less memory, " +
        "more work per step. Embedding, head, norms and biases are AdamW's with either, at the same learning rate.",
    ),
  weightDecay: nonNegative().default(0.1).describe("Weight decay of matrices, decoupled from the gradient."),
  beta1: share(0, 1).default(0.9).describe("Decay rate of AdamW's first moment."),
  beta2: share(0, 1).default(0.95).describe("Decay rate of AdamW's second moment."),
  epsilon: positive().default(1e-8).describe("Epsilon of AdamW."),
  momentum: share(0, 1).default(0.95).describe("Decay rate of Muon's momentum."),
  muonScaling: oneOf("match-rms-adamw", "original")
    .default("match-rms-adamw")
    .describe(
      "Factor of the learning rate for a matrix of A rows and B columns (Muon): 0.2·√max(A, B), with which AdamW's " +
        "learning rates carry over, or √max(1, A/B), as Muon was first defined.",
    ),
  muonBlockRows: whole(1, " or null")
    .nullable()
    .default(null)
    .describe(
      "Muon orthogonalizes blocks of this many rows, each by itself: much less work, which counts where steps " +
        "have few tokens; `null`: whole matrices.",
    ),
  maxGradNorm: positive(" or null")
    .nullable()
    .default(1)
    .describe("Gradients are clipped to this global norm; `null`: no clipping."),
  tailAverage: share(0, 1)
    .default(0)
    .describe(
      "Share of a part's steps, at its end, over which the trained weights are averaged: the part's model is their " +
        "mean, which takes 4 bytes of memory per trained parameter. 0: the last weights.",
    ),
  checkpointMinutes: positive(" or null")
    .nullable()
    .default(5)
    .describe("Minutes between checkpoints; `null`: none by time."),
  checkpointSteps: whole(1, " or null")
    .nullable()
    .default(null)
    .describe("Steps between checkpoints; `null`: none by steps."),
  activationCheckpointing: truth()
    .default(false)
    .describe("Recompute activations in the backward pass instead of storing them: less memory, a third more work."),
  offload: truth()
    .default(false)
    .describe(
      "Keep trained weights, gradients and moments in a file next to the checkpoint, 16 bytes per parameter, and " +
        "only those of the current layer in memory: much less memory, but disk traffic in every pass.",
    ),
  prefixCacheGigabytes: nonNegative()
    .default(8)
    .describe(
      "Disk space per running part for caching the outputs of the frozen layers below its window, which further " +
        "epochs then reuse; 0: no cache.",
    ),
};

export const training = z.strictObject(settings, { error: "a mapping" });

/** What changes only how a training is carried out, and the amount, which a strategy scales. */
const fixed = [
  "amount",
  "checkpointMinutes",
  "checkpointSteps",
  "activationCheckpointing",
  "offload",
  "prefixCacheGigabytes",
] as const;

/** Training settings of a strategy: every key optional, without a default. */
export const overrides = z.strictObject(withoutDefaults(), { error: "a mapping" });

type Overridable = Omit<typeof settings, (typeof fixed)[number]>;

function withoutDefaults(): { [Key in keyof Overridable]: z.ZodOptional<z.ZodType<z.output<Overridable[Key]>>> } {
  const keys = Object.entries(settings).filter(([key]) => !(fixed as readonly string[]).includes(key));
  const entries = keys.map(([key, type]) => {
    const inner = type instanceof z.ZodDefault || type instanceof z.ZodOptional ? type.unwrap() : type;
    return [key, inner.optional().describe(type.description ?? "")];
  });
  return Object.fromEntries(entries) as ReturnType<typeof withoutDefaults>;
}

export const trainingOnData = z
  .strictObject(
    {
      data: names()
        .optional()
        .describe(
          "Data sets to train on; default: all that are neither pre-trained on nor evaluated with `split: all`.",
        ),
      ...settings,
    },
    { error: "a mapping" },
  )
  .prefault({})
  .describe("The training that strategies divide into parts.");

export type WrittenTraining = z.output<typeof training>;
