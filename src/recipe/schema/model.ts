import { z } from "zod";
import { training } from "./training.js";
import { count, countUpTo, exactlyOne, names, pathOrHub, positive, truth } from "./values.js";

/** Far above the deepest models. */
const maxLayers = 10_000;

export const explicitShape = z.strictObject({
  layers: countUpTo(maxLayers).describe("Number of layers."),
  hiddenSize: count().describe("Size of the residual stream."),
  attentionHeads: count().describe("Attention heads."),
  keyValueHeads: count()
    .optional()
    .describe("Key and value heads, a divisor of `attentionHeads`; default: `attentionHeads`."),
  headDim: count().optional().describe("Dimension of a head, even; default: `hiddenSize / attentionHeads`."),
  intermediateSize: count()
    .optional()
    .describe("Inner size of the feed-forward; default: the multiple of 32 nearest to 8/3 of `hiddenSize`."),
  tieWordEmbeddings: truth().default(true).describe("Whether the output head shares the embedding's weights."),
  ropeTheta: positive().default(10_000).describe("Base of the rotary position embedding."),
  rmsNormEps: positive().default(1e-5).describe("Epsilon of the RMS norms."),
  maxPositions: count().default(2048).describe("Maximum sequence length."),
});

const depth = () =>
  countUpTo(maxLayers).describe("Number of layers; all sizes follow from it (docs/recipe.md, One dial).");

const shape = exactlyOne({ depth: z.strictObject({ depth: depth() }), layers: explicitShape });

const random = z.strictObject({ random: shape.describe("Start from random weights of this shape.") });
const folder = z.strictObject({
  folder: pathOrHub().describe(
    "Start from a Hugging Face folder with its tokenizer, relative to the recipe's folder; or from a model of the " +
      "hub: `hf:meta-llama/Llama-3.2-1B`, or `hf:ID@REVISION`.",
  ),
});
const pretrain = z.strictObject({
  pretrain: z
    .strictObject(
      {
        shape: shape.describe("Shape of the model, as `model.random`."),
        data: names().describe("Data sets to pre-train on."),
        training: training.prefault({}).describe("As `training`, without `data`."),
      },
      { error: "a mapping" },
    )
    .describe("First train a model of this shape as a whole, and start from it."),
});

export const model = exactlyOne({
  depth: z.strictObject({
    depth: depth().describe(
      "Start from random weights, with this number of layers; all sizes follow from it (docs/recipe.md, One dial).",
    ),
  }),
  random,
  folder,
  pretrain,
}).describe("The model that every strategy starts from.");

export type WrittenModel = z.output<typeof model>;
export type WrittenShape = z.output<typeof shape>;
export type WrittenExplicitShape = z.output<typeof explicitShape>;
