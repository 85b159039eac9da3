import { z } from "zod";
import { count, exactlyOne, name, oneOf, positive, text, truth, whole } from "./values.js";

export const searchMethods = ["grid", "random", "halving"] as const;

const number = z.number({ error: "a number" });

const range = z.strictObject({
  min: number.describe("Smallest value."),
  max: number.describe("Largest value."),
  scale: oneOf("linear", "log")
    .default("linear")
    .describe("`log`: factors are equally likely, as for learning rates; needs values above 0."),
  whole: truth().default(false).describe("Only whole numbers."),
});

const choicesExpected = "a list of values, or a mapping with min and max";

const choices = z.union([z.array(z.unknown()).min(1, { error: choicesExpected }), range], { error: choicesExpected });

const space = z.record(text("a path such as training.learningRate"), choices, {
  error: "a mapping of paths to values",
});

export const search = z
  .strictObject(
    {
      method: oneOf(...searchMethods)
        .default("grid")
        .describe(
          "`grid`: every combination, the last path varies fastest; `random`: values drawn independently; " +
            "`halving`: random values with a share of `training.amount`, of which the best continue with more.",
        ),
      budget: exactlyOne({
        runs: z.strictObject({ runs: count().describe("Candidates: with `halving`, those that start.") }),
        minutes: z.strictObject({ minutes: positive().describe("Minutes on this machine.") }),
      })
        .optional()
        .describe(
          "Of `baseline` and of `values` each, so that vanilla is tuned as much as the strategies; default: every " +
            "combination for `grid`, else 24 runs.",
        ),
      objective: z
        .strictObject(
          {
            evaluation: name().optional().describe("Name of an evaluation; default: the first one."),
            metric: text("the name of a metric").optional().describe("One of its metrics; default: the primary one."),
          },
          { error: "a mapping" },
        )
        .prefault({})
        .describe("What candidates are compared by: the best score among the strategies that are no baselines."),
      maxShareOfVanilla: positive(" or null")
        .nullable()
        .default(null)
        .describe("Strategies that take a larger share of vanilla's duration do not count; `null`: all count."),
      baseline: space
        .optional()
        .describe(
          "Values that are tried first, for vanilla alone, by path as for `--set`; the best are used for everything.",
        ),
      values: space
        .optional()
        .describe(
          "Values that are tried for the strategies, by path as for `--set`, such as `strategies.2.rounds`: a list, " +
            "or a range that `random` and `halving` draw from.",
        ),
      eta: whole(2)
        .max(10, { error: "a whole number of at most 10" })
        .default(3)
        .describe("`halving`: one of this many candidates continues, with this many times the training."),
      rungs: whole(1)
        .max(8, { error: "a whole number of at most 8" })
        .default(3)
        .describe(
          "`halving`: steps from the smallest share of the training, eta^(1 − rungs), to all of it; fewer where the " +
            "budget has too few candidates.",
        ),
      seed: whole(0).default(1).describe("Seed of the values that are drawn."),
    },
    { error: "a mapping" },
  )
  .optional()
  .describe("What `strata search` tries; other commands ignore it.");

export type WrittenSearch = NonNullable<z.output<typeof search>>;
