import { z } from "zod";
import type { RoundParameter } from "../../merge/round-method.js";
import { roundMethodNames, roundMethods, type RoundMethodName, type RoundMethods } from "../../merge/round-methods.js";
import { outerMethods } from "../../merge/outer-step.js";
import { count, nonNegative, oneOf, positive, share, truth } from "./values.js";

/** Keys of `merge`, without their defaults. */

type ParameterName = keyof { [M in RoundMethodName as keyof RoundMethods[M]["parameters"]]: true };

type MethodParameters = Readonly<Record<string, RoundParameter>>;

/** The parameters of the merge methods, each once; those of a name are the same for all methods. */
const parameters = Object.fromEntries(
  roundMethodNames.flatMap((name) => Object.entries(roundMethods[name].parameters as MethodParameters)),
) as Readonly<Record<ParameterName, RoundParameter>>;

/**
 * A key for each parameter of the merge methods, with the range that the methods declare.
 *
 * @param withDefault  adds the method's default to a key
 */
export function methodParameters<Key extends z.ZodType>(
  withDefault: (key: z.ZodNumber, usual: number) => Key,
): Readonly<Record<Exclude<ParameterName, "lambda">, Key>> {
  const keys = (Object.keys(parameters) as ParameterName[]).filter((name) => name !== "lambda");
  return Object.fromEntries(
    keys.map((name) => [name, withDefault(methodParameter(name), parameters[name].default).describe(meaning(name))]),
  ) as Readonly<Record<Exclude<ParameterName, "lambda">, Key>>;
}

function methodParameter(name: ParameterName): z.ZodNumber {
  const { minimum, maximum } = parameters[name];
  return maximum === Infinity ? nonNegative() : share(minimum, maximum);
}

/** The methods that have a parameter, and its description. */
function meaning(name: ParameterName): string {
  const users = roundMethodNames
    .filter((method) => name in roundMethods[method].parameters)
    .map((method) => `\`${method}\``);
  const { description } = parameters[name];
  return `${users.join(" and ")}: ${description.charAt(0).toLowerCase()}${description.slice(1)}`;
}

const usualSearch = { documents: 64, groups: false };

const search = z.strictObject(
  {
    documents: count()
      .default(usualSearch.documents)
      .describe("Number of documents that the loss is taken on, in equal shares of the training data sets."),
    groups: truth()
      .default(usualSearch.groups)
      .describe("Whether, after the common λ, embeddings and head, attention, feed-forward and norms each get a λ."),
  },
  { error: "a mapping" },
);

export const usualLambda = parameters.lambda.default;

/** λ: a number for the methods that have it, or a search after any merge. */
export const lambda = z
  .union(
    [
      methodParameter("lambda"),
      z.literal("search"),
      z.strictObject({ search: search.prefault({}).describe("How λ is searched.") }),
    ],
    { error: "a number of at least 0 or search" },
  )
  .transform((written) => (written === "search" ? { search: usualSearch } : written));

export const lambdaText =
  `${meaning("lambda")} \`search\`, with any method and outer optimizer: after each merge, forward passes find λ of ` +
  "base + λ · (merged − base), up to the number of parts, on documents that are neither trained on nor evaluated " +
  "(`searchHoldOut`).";

export const outerOptimizer = z
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
  .nullable();

export const outerOptimizerText =
  "Step of SGD with momentum on the merged change of each round; `null`: the merged model is the result.";
