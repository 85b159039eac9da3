import { z } from "zod";
import { idPattern } from "../hub/repository.js";
import { strategyPresets } from "../plan/strategy.js";
import { datasetPresetNames } from "./dataset-presets.js";
import {
  byteCount,
  count,
  exactlyOne,
  name,
  names,
  nonNegative,
  oneOf,
  pathOrHub,
  positive,
  share,
  text,
  truth,
  whole,
} from "./schema-values.js";

/**
 * The written form of a recipe. The `error` of each schema is the "expected …" of its message; `describe` is its hint, its
 * row in docs/recipe.md and its tooltip in editors. What concerns several keys at once is in `checks.ts`.
 */

const textKeys = {
  field: text("the name of a field")
    .optional()
    .describe(
      "The field of a record that is the document's text. Without it and `template`: `text`; of a preset its own; of made-up " +
        "problems the question and its answer, of made-up choices the `query`.",
    ),
  template: text("a text with {field} in it")
    .regex(/\{\w+\}/, { error: "a text with {field} in it" })
    .optional()
    .describe("The document's text with `{field}` in place of each field of the record."),
  answer: text("a text with {field} in it or null")
    .regex(/\{\w+\}/, { error: "a text with {field} in it or null" })
    .nullable()
    .default(null)
    .describe("With `template`: what stands behind it, tokenised apart; begin it with the space between them."),
  messages: text("the name of a field")
    .optional()
    .describe(
      "In place of `field` and `template`: the field of a record that holds a conversation, a list of `{role, content}`; the " +
        "tokenizer's chat template writes it.",
    ),
  lossOn: oneOf("all", "answers")
    .default("all")
    .describe(
      "What of a document training predicts and a `loss` counts: `all` of it; or the `answer` and the end of the document only, of a " +
        "conversation what the assistant says.",
    ),
  first: exactlyOne({
    bytes: z.strictObject({
      bytes: byteCount().describe("Bytes of text (UTF-8), such as `400MB`, `1.5GB` or a whole number."),
    }),
    tokens: z.strictObject({ tokens: count().describe("Tokens, with begin and end of each document.") }),
    documents: z.strictObject({ documents: count().describe("Documents.") }),
  })
    .nullable()
    .default(null)
    .describe(
      "Train on the first so much only, in whole documents; what is held out does not count, and evaluations read it from the " +
        "whole data set. `null` for all.",
    ),
  duplicates: oneOf("keep", "remove").default("keep").describe("Whether a document stays whose text was there before."),
  skipBad: whole(0)
    .default(0)
    .describe(
      "How many bad records may be skipped: unreadable, without a field or with one of another type, not UTF-8, empty, above 6 MiB; the rest " +
        "of a damaged file counts as one. How many were skipped, and the places of the first, are told. In an evaluation a record that is no item of its task, such as " +
        "a question without its answer, is bad too, and the report says how many are left out.",
    ),
};

const hubId = 'the id of a data set, such as "openai/gsm8k"';
const revision = text("a branch, a tag or a commit").default("main").describe("Branch, tag or commit.");
const paths = z
  .union(
    [
      text("a pattern"),
      z.array(text("a pattern"), { error: "a list of patterns" }).min(1, { error: "a list of patterns" }),
    ],
    {
      error: "a pattern, a list of them or null",
    },
  )
  .nullable()
  .default(null)
  .describe("Files in the repository, in place of config and split: names, or patterns such as `data/*.parquet`.");

const dataset = exactlyOne({
  files: z.strictObject({
    files: z
      .union(
        [text("a path"), z.array(text("a path"), { error: "a list of paths" }).min(1, { error: "a list of paths" })],
        {
          error: "a path or a list of paths",
        },
      )
      .describe(
        "A file or several, `*` in a name standing for any letters, relative to the recipe's folder: `.parquet`; `.jsonl`, `.json`, `.csv`, `.tsv` or `.txt`, these also with `.gz` or `.zst`.",
      ),
    ...textKeys,
  }),
  hf: z.strictObject({
    hf: z
      .string({ error: hubId })
      .regex(idPattern, { error: hubId })
      .describe("A data set of the Hugging Face hub, `ORGANISATION/NAME`, that is downloaded once."),
    config: text("the name of a configuration or null")
      .nullable()
      .default(null)
      .describe("Its configuration; `null` for the only one or the default."),
    split: text("the name of a split").default("train").describe("Its split."),
    revision,
    paths,
    ...textKeys,
  }),
  preset: z.strictObject({
    preset: oneOf(...datasetPresetNames).describe(
      "A known data set of the hub with the text of its documents: see below.",
    ),
    config: text("the name of a configuration").optional().describe("Another configuration than the preset's."),
    split: text("the name of a split").optional().describe("Another split than the preset's."),
    revision,
    paths,
    ...textKeys,
  }),
  generate: z.strictObject({
    generate: oneOf("stories", "problems", "choices").describe(
      "Made-up data for trying things out: little stories, sums with their answers, questions with choices.",
    ),
    documents: count().describe("How many documents to make."),
    seed: whole(0).optional().describe("Seed of the made-up data; the recipe's `seed` if absent."),
    ...textKeys,
  }),
});

const tokenizer = exactlyOne({
  train: z.strictObject({
    train: z
      .strictObject(
        {
          data: names().describe("Data sets whose training documents the tokenizer learns from."),
          vocabularySize: whole(258).describe("Tokens, with the 256 bytes and 2 special ones."),
          maximumBytes: count().default(50_000_000).describe("Learn from at most so many bytes of text."),
        },
        { error: "a mapping" },
      )
      .describe("Train a byte-level BPE."),
  }),
  file: z.strictObject({
    file: pathOrHub().describe(
      "A tokenizer's file (`tokenizer.json`, `tokenizer.model`, `vocab.json`), or the folder that holds it, relative to the recipe's " +
        "folder; or `hf:ID` or `hf:ID@REVISION` of the hub.",
    ),
  }),
});

const shape = z.strictObject(
  {
    layers: count().describe("Depth."),
    width: count().describe("Width of the residual stream."),
    queryHeads: count().describe("Attention heads."),
    keyValueHeads: count()
      .optional()
      .describe("Heads of keys and values, a divisor of `queryHeads`; `queryHeads` if absent."),
    headWidth: count().optional().describe("Width of a head, even; `width / queryHeads` if absent."),
    feedForwardWidth: count()
      .optional()
      .describe("Inner width of the feed-forward; the multiple of 32 nearest to 8/3 of `width` if absent."),
    tiedHead: truth().default(true).describe("Whether the output head shares the embedding's weights."),
    ropeTheta: positive().default(10_000).describe("Base of the rotary position embedding."),
    normEpsilon: positive().default(1e-5).describe("Epsilon of the norms."),
    maximumPositions: count().default(2048).describe("Longest sequence."),
  },
  { error: "a mapping" },
);

const trainingSettings = {
  sequenceLength: count().default(256).describe("Tokens of a sequence."),
  batchSize: count().default(16).describe("Sequences of a step."),
  microBatch: count()
    .optional()
    .describe(
      "Sequences of one forward and backward, whose gradients are added to the step's: a divisor of `batchSize`, the largest with " +
        "no more than 2048 tokens if absent. Fewer take less memory.",
    ),
  amount: exactlyOne({
    epochs: z.strictObject({ epochs: positive().describe("Passes over the data.") }),
    steps: z.strictObject({ steps: count().describe("Steps of vanilla; a part does its share of them.") }),
    tokens: z.strictObject({ tokens: count().describe("Tokens of vanilla; a part does its share of them.") }),
  })
    .default({ epochs: 1 })
    .describe("How long to train."),
  learningRate: positive().default(1e-3).describe("Peak of the schedule."),
  schedule: oneOf("cosine", "wsd", "constant")
    .default("cosine")
    .describe("How the learning rate falls after the warm-up."),
  warmup: share(0, 1).default(0.03).describe("Share of the steps over which the learning rate rises."),
  decay: share(0, 1).default(0.2).describe("`wsd` only: share of the steps, at the end, over which it falls."),
  finalLearningRate: share(0, 1).default(0.1).describe("The learning rate at the end, as a share of the peak."),
  weightDecay: nonNegative().default(0.1).describe("Weight decay of matrices (AdamW)."),
  beta1: share(0, 1).default(0.9).describe("Decay of AdamW's first moment."),
  beta2: share(0, 1).default(0.95).describe("Decay of AdamW's second moment."),
  epsilon: positive().default(1e-8).describe("Epsilon of AdamW."),
  clip: positive(" or null").nullable().default(1).describe("Largest norm of the gradient; `null` for no limit."),
  checkpointMinutes: positive(" or null")
    .nullable()
    .default(5)
    .describe("Minutes between checkpoints; `null` for none by time."),
  checkpointSteps: whole(1, " or null")
    .nullable()
    .default(null)
    .describe("Steps between checkpoints; `null` for none by steps."),
  recompute: truth()
    .default(false)
    .describe(
      "Keep one layer's activations at a time and compute them again for the backward: less memory, a third more work.",
    ),
  offload: truth()
    .default(false)
    .describe(
      "Keep trained weights, gradients and moments in a file beside the part's checkpoint, 16 bytes a parameter, and in memory only " +
        "those of the layer at work: much less memory, and disk traffic in every pass.",
    ),
  prefixCacheGigabytes: nonNegative()
    .default(8)
    .describe(
      "Disk that a part may use, while it trains, to keep what the frozen layers below its window give, so that further passes over " +
        "the data need not compute them; 0 for none.",
    ),
};

const model = exactlyOne({
  random: z.strictObject({ random: shape.describe("Start from random weights of this shape.") }),
  folder: z.strictObject({
    folder: pathOrHub().describe(
      "Start from a Hugging Face folder, with its tokenizer, relative to the recipe's folder; or from a model of the hub: " +
        "`hf:meta-llama/Llama-3.2-1B`, or `hf:ID@REVISION`.",
    ),
  }),
  pretrain: z.strictObject({
    pretrain: z
      .strictObject(
        {
          shape: shape.describe("Shape of the model, as `model.random`."),
          data: names().describe("Data sets to train it on."),
          training: z
            .strictObject(trainingSettings, { error: "a mapping" })
            .prefault({})
            .describe("As `training`, without `data`."),
        },
        { error: "a mapping" },
      )
      .describe("Train a model of this shape first, whole, and start from it."),
  }),
});

const windowText = /^(?:full|\d+-\d+(?:\+outer)?)$/;
const windowExpected = 'full or a half-open range of layers such as "0-4"';

const merge = z.strictObject(
  {
    method: oneOf("linear", "slerp", "ties", "union").default("slerp").describe("How parts become one model."),
    ownShare: share(0, 1)
      .default(0.8)
      .describe("`linear` and `slerp`: weight of the side that trained a layer where the other did not."),
    density: share(0, 1).default(1).describe("`ties`: share of each change that is kept, the largest first."),
    scale: nonNegative().default(1).describe("`ties` and `union`: what the merged change is multiplied with."),
    outer: z
      .strictObject(
        {
          learningRate: positive().describe("Of the outer optimizer."),
          momentum: share(0, 1).describe("Nesterov momentum of the outer optimizer."),
        },
        { error: "a mapping or null" },
      )
      .nullable()
      .default(null)
      .describe("Outer Nesterov step on each round's merged change; `null` for none."),
  },
  { error: "a mapping" },
);

const strategy = z.strictObject({
  name: name().describe("Name in tables and figures."),
  windows: z
    .array(z.string({ error: windowExpected }).regex(windowText, { error: windowExpected }), {
      error: "a list of windows",
    })
    .min(1, { error: "a list of windows" })
    .describe(
      "What each part trains, one window per shard (or a single one on all data): `full` or a half-open range of layers such " +
        "as `0-4`; `0-4+outer` trains embedding, final norm and head too, as does a range of all layers.",
    ),
  rounds: count().default(1).describe("How often parts train and are merged."),
  rotate: truth().default(false).describe("Whether windows move on by one worker each round."),
  keepOptimizer: truth().default(true).describe("Whether a part keeps its optimizer's state from round to round."),
  merge: merge.prefault({}).describe("How the parts are merged."),
});

const evaluationKeys = {
  name: name().describe("Name in tables and figures."),
  data: text("the name of a data set").describe("Data set to evaluate on."),
  split: oneOf("validation", "all").default("validation").describe("The held-out documents or all of them."),
};
const items = whole(1, " or null").nullable().default(null).describe("The first so many items; `null` for all.");

const evaluation = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("loss").describe("Mean loss per token and perplexity."),
      ...evaluationKeys,
      documents: whole(1, " or null").nullable().default(null).describe("The first so many documents; `null` for all."),
    }),
    z.strictObject({
      kind: z.literal("multiple-choice").describe("Share of items whose right choice is the likeliest."),
      ...evaluationKeys,
      items,
    }),
    z.strictObject({
      kind: z.literal("exact-match").describe("Share of items whose generated answer is the right one."),
      ...evaluationKeys,
      items,
      fewShot: whole(0).default(0).describe("Solved examples in front of each item."),
      fewShotData: text("the name of a data set or null")
        .nullable()
        .default(null)
        .describe("Data set of the solved examples."),
      maximumTokens: count().default(256).describe("Longest answer, in tokens."),
    }),
  ],
  { error: (issue) => (issue.code === "invalid_union" ? "loss, multiple-choice or exact-match" : "a mapping") },
);

export const recipeSchema = z.strictObject(
  {
    name: name().optional().describe("Name of the run; the file's name without its ending if absent."),
    seed: whole(0).default(1).describe("Seed of everything that is drawn."),
    holdOut: share(0, 0.5)
      .default(0.02)
      .describe(
        "Share of the documents that no training sees, the same for every data set. The hash of a document's whole text and the " +
          "`seed` decide, so a text that is held out of one data set is held out of all. A set that is only a test is " +
          "evaluated with `split: all`.",
      ),
    data: z.record(z.string(), dataset, { error: "a mapping of names to data sets" }).describe("Data sets by name."),
    tokenizer: tokenizer.optional().describe("Required, except with `model.folder`, which brings its own."),
    model: model.describe("What every strategy starts from."),
    training: z
      .strictObject(
        {
          data: names().describe("Data sets to train on, in parts."),
          ...trainingSettings,
        },
        { error: "a mapping" },
      )
      .describe("The training that strategies divide."),
    dtype: oneOf("bf16", "f32")
      .default("bf16")
      .describe(
        "What matrix products multiply, in training and evaluation; sums, weights and the optimizer are f32 always. `bf16` is up to " +
          "twice as fast where the processor multiplies it; elsewhere operands are rounded to it all the same.",
      ),
    shards: count().default(4).describe("Pieces that the training data is cut into, one per part."),
    strategies: z
      .array(z.union([oneOf(...strategyPresets), strategy], { error: "a preset or a mapping with name and windows" }), {
        error: "a list of strategies",
      })
      .min(1, { error: "at least one strategy" })
      .describe(`Presets (${strategyPresets.join(", ")}) or strategies of your own.`),
    evaluation: z
      .array(evaluation, { error: "a list of evaluations" })
      .default([])
      .describe("What each model is scored on."),
    curve: z
      .array(
        z
          .number({ error: "a number between 0 and 1" })
          .gt(0, { error: "a number between 0 and 1" })
          .lt(1, { error: "a number between 0 and 1" }),
        { error: "a list of numbers between 0 and 1" },
      )
      .default([0.5])
      .describe("Shares of the training after which each strategy is scored on its way."),
    machine: z
      .strictObject(
        {
          device: oneOf("auto", "native", "reference")
            .default("auto")
            .describe("`native` is the C++ addon, `reference` plain TypeScript."),
          threads: z
            .union([whole(1, " or auto"), z.literal("auto")], { error: "a whole number of at least 1 or auto" })
            .default("auto")
            .describe("Threads of one job."),
          parallel: z
            .union([whole(1, " or auto"), z.literal("auto")], { error: "a whole number of at least 1 or auto" })
            .default("auto")
            .describe("Jobs at a time."),
        },
        { error: "a mapping" },
      )
      .prefault({})
      .describe("How this machine is used. Changes no result."),
  },
  { error: "a mapping" },
);

export type WrittenRecipe = z.output<typeof recipeSchema>;
export type WrittenShape = z.output<typeof shape>;
export type WrittenDataset = z.output<typeof dataset>;
export type WrittenTraining = Omit<WrittenRecipe["training"], "data">;
export type WrittenStrategy = z.output<typeof strategy>;
