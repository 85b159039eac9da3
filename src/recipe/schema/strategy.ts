import { z } from "zod";
import { presetNames } from "../../plan/presets/presets.js";
import type { MethodParameter } from "../../merge/merge-method.js";
import {
  mergeMethodNames,
  mergeMethods,
  type MergeMethodName,
  type MergeMethods,
} from "../../merge/methods/methods.js";
import { outerMethods } from "../../merge/outer-step.js";
import { parseWindow, windowPattern, type WrittenWindow } from "../../model/config/window.js";
import { countUpTo, name, nonNegative, oneOf, positive, share, truth } from "./values.js";

const windowExpected = 'full or a half-open range of layers such as "0-4"';
const window = z
  .string({ error: windowExpected })
  .regex(windowPattern, { error: windowExpected })
  .transform((written) => parseWindow(written) as WrittenWindow);

type ParameterName = keyof { [M in MergeMethodName as keyof MergeMethods[M]["parameters"]]: true };

/** A key for each parameter of the merge methods, with the default and the range that the methods declare. */
function methodParameters(): Record<ParameterName, z.ZodDefault<z.ZodNumber>> {
  const keys = [...new Set(mergeMethodNames.flatMap((name) => Object.keys(mergeMethods[name].parameters)))];
  return Object.fromEntries(keys.map((key) => [key, methodParameter(key)])) as ReturnType<typeof methodParameters>;
}

function methodParameter(key: string) {
  const users = mergeMethodNames.filter((name) => key in mergeMethods[name].parameters);
  const {
    description,
    minimum,
    maximum,
    default: usual,
  } = (mergeMethods[users[0]].parameters as MethodParameters)[key];
  const range = maximum === Infinity ? nonNegative() : share(minimum, maximum);
  return range
    .default(usual)
    .describe(`${users.map((name) => `\`${name}\``).join(" and ")}: ${lowerFirst(description)}`);
}

type MethodParameters = Readonly<Record<string, MethodParameter>>;

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const merge = z.strictObject(
  {
    method: oneOf(...mergeMethodNames)
      .default("slerp")
      .describe("Merge method."),
    ...methodParameters(),
    outerOptimizer: z
      .strictObject(
        {
          method: oneOf(...outerMethods)
            .default("nesterov")
            .describe("Kind of momentum: `nesterov` as in DiLoCo, or `sgd` with heavy-ball momentum."),
          learningRate: positive().describe("Learning rate of the outer optimizer."),
          momentum: share(0, 1).describe("Momentum of the outer optimizer; 0: none."),
        },
        { error: "a mapping or null" },
      )
      .nullable()
      .default(null)
      .describe(
        "Step of SGD with momentum on the merged change of each round; `null`: the merged model is the result.",
      ),
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
