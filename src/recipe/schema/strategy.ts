import { z } from "zod";
import { presetNames } from "../../plan/presets/presets.js";
import { mergeMethodNames } from "../../merge/methods/methods.js";
import { parseWindow, windowPattern, type WrittenWindow } from "../../model/config/window.js";
import { lambda, lambdaText, methodParameters, outerOptimizer, outerOptimizerText, usualLambda } from "./merge-keys.js";
import { countUpTo, name, oneOf, truth } from "./values.js";

const windowExpected = 'full or a half-open range of layers such as "0-4"';
const window = z
  .string({ error: windowExpected })
  .regex(windowPattern, { error: windowExpected })
  .transform((written) => parseWindow(written) as WrittenWindow);

const merge = z.strictObject(
  {
    method: oneOf(...mergeMethodNames)
      .default("slerp")
      .describe("Merge method."),
    ...methodParameters((key, usual) => key.default(usual)),
    lambda: lambda.prefault(usualLambda).describe(lambdaText),
    outerOptimizer: outerOptimizer.default(null).describe(outerOptimizerText),
  },
  { error: "a mapping" },
);

const strategy = z.strictObject({
  name: name().describe("Name in tables and figures."),
  windows: z
    .array(window, { error: "a list of windows" })
    .min(1, { error: "a list of windows" })
    .describe(
      "What each part trains: one window per shard, or a single window for one part on all data. `full`, or a " +
        "half-open range of layers such as `0-4`; `0-4+embeddings` also trains embedding, final norm and head, as " +
        "does a range of all layers.",
    ),
  rounds: countUpTo(1000).default(1).describe("Number of rounds of training and merging."),
  rotate: truth().default(false).describe("Whether each window moves to the next worker in every round."),
  keepOptimizerState: truth().default(true).describe("Whether a part keeps its optimizer state from round to round."),
  merge: merge.prefault({}).describe("How the parts are merged."),
});

export const strategies = z
  .array(z.union([oneOf(...presetNames), strategy], { error: "a preset or a mapping with name and windows" }), {
    error: "a list of strategies",
  })
  .min(1, { error: "at least one strategy" })
  .describe(`Presets (${presetNames.join(", ")}) or custom strategies.`);
