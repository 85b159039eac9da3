import { z } from "zod";
import { count, name, oneOf, text, whole } from "./values.js";

const common = {
  name: name().describe("Name in tables and figures."),
  data: text("the name of a data set").describe("Data set to evaluate on."),
  split: oneOf("validation", "all").default("validation").describe("The held-out documents, or all."),
};
const items = whole(1, " or null").nullable().default(null).describe("Use the first items only; `null`: all.");

const loss = z.strictObject({
  kind: z.literal("loss").describe("Mean loss per token and perplexity."),
  ...common,
  documents: whole(1, " or null").nullable().default(null).describe("Use the first documents only; `null`: all."),
});

const multipleChoice = z.strictObject({
  kind: z.literal("multiple-choice").describe("Share of items where the correct choice has the highest likelihood."),
  ...common,
  items,
});

const exactMatch = z.strictObject({
  kind: z.literal("exact-match").describe("Share of items whose generated answer is correct."),
  ...common,
  items,
  fewShot: whole(0).default(0).describe("Number of solved examples before each item."),
  fewShotData: text("the name of a data set or null")
    .nullable()
    .default(null)
    .describe("Data set of the solved examples."),
  maxTokens: count().default(256).describe("Maximum length of an answer, in tokens."),
});

const evaluation = z.discriminatedUnion("kind", [loss, multipleChoice, exactMatch], {
  error: (issue) => (issue.code === "invalid_union" ? "loss, multiple-choice or exact-match" : "a mapping"),
});

export const evaluations = z
  .array(evaluation, { error: "a list of evaluations" })
  .optional()
  .describe(
    "What every model is scored on; default: a `loss` on the held-out documents of each training data set, named " +
      "`loss`, or `NAME-loss` where there are several.",
  );

const between = "a number between 0 and 1";

export const evaluateAt = z
  .array(z.number({ error: between }).gt(0, { error: between }).lt(1, { error: between }), {
    error: "a list of numbers between 0 and 1",
  })
  .transform((shares) => [...new Set(shares)].sort((a, b) => a - b))
  .prefault([0.5])
  .describe("Shares of the training after which each strategy is also evaluated.");
