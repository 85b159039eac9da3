import { z } from "zod";
import { baselineNames, presetNames } from "../../plan/presets/presets.js";
import { exchangeDTypes } from "../../merge/exchange/formats.js";
import { roundMethodNames } from "../../merge/round-methods.js";
import { windowPattern } from "../../model/config/window.js";
import { lambda, lambdaText, methodParameters, outerOptimizer, outerOptimizerText, usualLambda } from "./merge-keys.js";
import { overrides } from "./training.js";
import { countUpTo, exactlyOne, name, oneOf, positive, truth } from "./values.js";

const windowExpected = 'full or a half-open range of layers such as "0-4"';
/** As text: `formatRecipe` writes it back. */
const window = z.string({ error: windowExpected }).regex(windowPattern, { error: windowExpected });

/** Without defaults, because missing keys are those of the preset or of the strategy; shown as the usual ones. */
const merge = z.strictObject(
  {
    method: oneOf(...roundMethodNames)
      .optional()
      .meta({ default: "slerp" })
      .describe("Merge method."),
    ...methodParameters((key, usual) => key.optional().meta({ default: usual })),
    lambda: lambda.optional().meta({ default: usualLambda }).describe(lambdaText),
    outerOptimizer: outerOptimizer.optional().meta({ default: null }).describe(outerOptimizerText),
  },
  { error: "a mapping" },
);

const windows = () => z.array(window, { error: "a list of windows" }).min(1, { error: "a list of windows" });

const mergeKey = merge.optional().describe("How the parts are merged.");
const trainingKey = overrides
  .optional()
  .describe("Values for the workers of this strategy instead of those in the recipe's `training`.");

const round = z.strictObject(
  {
    repeat: countUpTo(1000).default(1).describe("Number of such rounds."),
    share: positive().default(1).describe("Weight of each of them in the amount of training."),
    windows: windows().optional().describe("As in the strategy, which has the default; or one worker on all data."),
    training: trainingKey,
    merge: mergeKey,
  },
  { error: "a mapping" },
);

const rounds = z.union([countUpTo(1000), z.array(round).min(1)], { error: "a number or a list of rounds" });

/** The keys of a strategy beside its windows. The defaults shown are those of a custom strategy, not of presets. */
const keys = {
  rounds: rounds
    .optional()
    .meta({ default: 1 })
    .describe("Number of rounds of training and merging, or a list of rounds."),
  reads: oneOf("own", "all")
    .optional()
    .meta({ default: "all" })
    .describe("What a single worker trains on: `all` data, or its `own` shard. Several workers train on their own."),
  rotate: truth()
    .optional()
    .meta({ default: false })
    .describe("Whether each window moves to the next worker in every round."),
  keepOptimizerState: truth()
    .optional()
    .meta({ default: true })
    .describe("Whether a worker keeps its optimizer state while its window stays the same."),
  dataShares: z
    .union([oneOf("equal", "cost"), z.array(positive()).min(1)], { error: "equal, cost or a list of numbers" })
    .optional()
    .meta({ default: "equal" })
    .describe(
      "How the data are cut into shards: `equal`; `cost`: so that all workers need the same time; or weights, one " +
        "per worker.",
    ),
  amount: positive()
    .optional()
    .meta({ default: 1 })
    .describe("Amount of training of all workers together, as a factor of vanilla's."),
  exchange: oneOf(...exchangeDTypes)
    .optional()
    .meta({ default: "f32" })
    .describe(
      "What workers send after each round: `f32`, their trained tensors; else the change of these tensors, rounded. " +
        "What rounding loses is added to the worker's next change.",
    ),
  training: trainingKey,
  merge: mergeKey,
};

const windowsText =
  "What each worker trains: one window per shard, or a single window for one worker. `full`, or half-open ranges of " +
  "layers such as `0-4` or `0-4,8-12`; `0-4+embeddings` also trains embedding, final norm and head, as does a range " +
  "of all layers.";

const strategyName = () => name().describe("Name in tables and figures.");

const strategy = exactlyOne({
  windows: z.strictObject({ windows: windows().describe(windowsText), name: strategyName(), ...keys }),
  preset: z.strictObject({
    preset: oneOf(...presetNames).describe("A preset whose values the other keys replace."),
    name: strategyName().optional(),
    windows: windows().optional().describe(windowsText),
    ...keys,
  }),
});

export const strategies = z
  .array(
    z.union([oneOf(...presetNames), strategy], {
      error: "a preset, or a mapping with preset, or with name and windows",
    }),
    {
      error: "a list of strategies",
    },
  )
  .min(1, { error: "at least one strategy" })
  .describe(`Presets (${presetNames.join(", ")}), alone or with changes, and custom strategies.`);

export const baselines = z
  .array(oneOf(...baselineNames), { error: `a list of ${baselineNames.join(", ")}` })
  .refine((names) => new Set(names).size === names.length, { error: "each baseline once" })
  .default([...baselineNames])
  .describe(
    "Strategies that the others are compared with; each run has them, unless `strategies` has others of these names.",
  );
