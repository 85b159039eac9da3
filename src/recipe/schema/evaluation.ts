import { z } from "zod";
import type { RecipeKey } from "../../evaluate/task/recipe-keys.js";
import type { TaskKind, TaskKindTable, TaskRecipe } from "../../evaluate/task/task-kind.js";
import { taskKinds } from "../../evaluate/task/task-kinds.js";
import { name, oneOf, text, whole } from "./values.js";

const common = {
  name: name().describe("Name in tables and figures."),
  data: text("the name of a data set").describe("Data set to evaluate on."),
  split: oneOf("validation", "all").default("validation").describe("The held-out documents, or all."),
};

/** The schema of an entry of `evaluation`: one form per kind of task in a table, with the keys that it declares. */
export function taskSchema<Kinds extends TaskKindTable>(kinds: Kinds): z.ZodType<TaskRecipe<Kinds>> {
  const [first, ...others] = Object.values(kinds).map(formOf);
  const schema = z.discriminatedUnion("kind", [first, ...others], {
    error: ({ code }) => (code === "invalid_union" ? alternatives(Object.keys(kinds)) : "a mapping"),
  });
  return schema as unknown as z.ZodType<TaskRecipe<Kinds>>;
}

function formOf({ name, description, recipeKeys }: TaskKind) {
  const declared = Object.entries(recipeKeys).map(([key, recipeKey]) => [key, keySchema(recipeKey)]);
  return z.strictObject({
    kind: z.literal(name).describe(description),
    ...common,
    ...(Object.fromEntries(declared) as Record<string, z.ZodType>),
  });
}

function keySchema(key: RecipeKey): z.ZodType {
  switch (key.type) {
    case "whole":
      return whole(key.minimum).default(key.default).describe(key.description);
    case "limit":
      return whole(1, " or null").nullable().default(null).describe(key.description);
    case "dataset":
      return text("the name of a data set or null").nullable().default(null).describe(key.description);
  }
}

/** `a, b or c` */
function alternatives(names: readonly string[]): string {
  return names.join(", ").replace(/, ([^,]*)$/, " or $1");
}

export const evaluations = z
  .array(taskSchema(taskKinds), { error: "a list of evaluations" })
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
