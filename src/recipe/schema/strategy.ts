import { z } from "zod";
import { strategyPresets } from "../../plan/strategy.js";
import { mergeMethodNames } from "../../merge/methods/methods.js";
import { parseWindow, type WindowRecipe } from "../window.js";
import { count, name, nonNegative, oneOf, positive, share, truth } from "./values.js";

const windowExpected = 'full or a half-open range of layers such as "0-4"';
const window = z
  .string({ error: windowExpected })
  .regex(/^(?:full|\d+-\d+(?:\+embeddings)?)$/, { error: windowExpected })
  .transform((written) => parseWindow(written) as WindowRecipe);

const merge = z.strictObject(
  {
    method: oneOf(...mergeMethodNames)
      .default("slerp")
      .describe("Merge method."),
    trainedShare: share(0, 1)
      .default(0.8)
      .describe("`linear` and `slerp`: weight of the model that trained a layer, where the other one did not."),
    density: share(0, 1).default(1).describe("`ties`: share of each change that is kept, largest values first."),
    lambda: nonNegative().default(1).describe("`ties` and `union`: factor of the merged change."),
    outerOptimizer: z
      .strictObject(
        {
          learningRate: positive().describe("Learning rate of the outer optimizer."),
          momentum: share(0, 1).describe("Nesterov momentum of the outer optimizer."),
        },
        { error: "a mapping or null" },
      )
      .nullable()
      .default(null)
      .describe("Nesterov step on the merged change of each round; `null`: none."),
  },
  { error: "a mapping" },
);

const strategy = z.strictObject({
  name: name().describe("Name in tables and figures."),
  windows: z
    .array(window, { error: "a list of windows" })
    .min(1, { error: "a list of windows" })
    .describe(
      "What each part trains: one window per shard, or a single window for one part on all data. `full`, or a half-open range of " +
        "layers such as `0-4`; `0-4+embeddings` also trains embedding, final norm and head, as does a range of all layers.",
    ),
  rounds: count().default(1).describe("Number of rounds of training and merging."),
  rotate: truth().default(false).describe("Whether each window moves to the next worker in every round."),
  keepOptimizerState: truth().default(true).describe("Whether a part keeps its optimizer state from round to round."),
  merge: merge.prefault({}).describe("How the parts are merged."),
});

export const strategies = z
  .array(z.union([oneOf(...strategyPresets), strategy], { error: "a preset or a mapping with name and windows" }), {
    error: "a list of strategies",
  })
  .min(1, { error: "at least one strategy" })
  .describe(`Presets (${strategyPresets.join(", ")}) or custom strategies.`);
