import { z } from "zod";
import { exactlyOne, name, names, oneOf, text, whole } from "./values.js";

const splits = ["validation", "all"] as const;

const loss = z.strictObject({
  kind: z
    .literal("loss", { error: "loss" })
    .describe(
      "Mean loss per token, perplexity and bits per byte, with standard errors over documents. Anything else is a " +
        "task: `task: NAME`.",
    ),
  name: name().describe("Name in tables and figures."),
  data: names().describe("Data sets to evaluate on: the mean is over the tokens of all."),
  split: oneOf(...splits)
    .default("validation")
    .describe("The held-out documents, or all."),
  documents: whole(1, " or null")
    .nullable()
    .default(null)
    .describe("Use the first documents of each data set only; `null`: all."),
});

const namedTask = "the name of a task, or the path of a task file";

const task = z.strictObject({
  task: text(namedTask).describe(
    "A task of `strata eval --tasks list`, or a task file (`.yaml`) in the form of lm-evaluation-harness, relative " +
      "to the recipe's folder. A group or a tag stands for its tasks.",
  ),
  name: name().optional().describe("Name in tables and figures; default: that of the task."),
  data: text("the name of a data set or null")
    .nullable()
    .default(null)
    .describe("Data set to evaluate on, with the columns that the task needs; `null`: the task's own."),
  split: oneOf(...splits)
    .optional()
    .describe("Of `data`: the held-out documents, or all; default: `validation`. Of the task's own data always all."),
  limit: whole(1, " or null").nullable().default(null).describe("Use the first documents only; `null`: all."),
  fewShot: whole(0).optional().describe("Number of solved examples in each prompt; default: that of the task."),
  fewShotData: text("the name of a data set or null")
    .nullable()
    .default(null)
    .describe("Data set of the solved examples; `null`: the task's own."),
  maxTokens: whole(1, " or null")
    .nullable()
    .default(null)
    .describe(
      "Maximum length of a generated answer, in tokens; `null`: that of the task, or 256. A model with fewer " +
        "positions uses half of them.",
    ),
});

/** A string is short for `task`. */
const evaluation = z.union([text(namedTask).transform(taskOf), exactlyOne({ kind: loss, task })], {
  error: "a loss or a task, or the name of a task",
});

function taskOf(named: string): WrittenTask {
  return task.parse({ task: named });
}

export type WrittenLoss = z.output<typeof loss>;
export type WrittenTask = z.output<typeof task>;

export const evaluations = z
  .array(evaluation, { error: "a list of evaluations" })
  .optional()
  .describe(
    "What every model is scored on: losses, and tasks as `strata eval` scores them (a name is short for " +
      "`task: NAME`); default: a `loss` on the held-out documents of each training data set, named `loss`, or " +
      "`NAME-loss` where there are several.",
  );

const between = "a number between 0 and 1";

export const evaluateAt = z
  .array(z.number({ error: between }).gt(0, { error: between }).lt(1, { error: between }), {
    error: "a list of numbers between 0 and 1",
  })
  .transform((shares) => [...new Set(shares)].sort((a, b) => a - b))
  .prefault([0.5])
  .describe("Shares of the training after which each strategy is also evaluated.");
