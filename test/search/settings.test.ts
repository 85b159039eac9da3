import { expect, test } from "vitest";
import { parseRecipe } from "../../src/recipe/load-recipe.js";
import type { Recipe } from "../../src/recipe/recipe.js";
import { reduceRecipe } from "../../src/search/reduce-recipe.js";
import { budgetOf, objectiveOf, rungsOf, searchOf } from "../../src/search/settings.js";
import { strategyOverrides } from "../../src/search/strategy-values.js";
import { smallRecipe } from "../recipe/small-recipe.js";

const recipeWith = (search: string, more: readonly string[] = []): Recipe =>
  parseRecipe(smallRecipe, "small.yaml", [`search=${search}`, ...more]);
const values = "values: {training.learningRate: [1, 2, 3], training.batchSize: [2, 4]}";

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return String(error);
  }
  return "no error";
}

test("the budget is every combination of a grid, else 24 runs, never more than there are", () => {
  const budget = (search: string) => {
    const written = searchOf(recipeWith(search), "small.yaml");
    return budgetOf(written, written.values!);
  };
  const ranges = "values: {training.learningRate: {min: 0.001, max: 0.1}}";
  expect(budget(`{${values}}`)).toEqual({ runs: 6, minutes: Infinity });
  expect(budget(`{method: random, ${values}}`)).toEqual({ runs: 6, minutes: Infinity });
  expect(budget(`{method: random, ${ranges}}`)).toEqual({ runs: 24, minutes: Infinity });
  expect(budget(`{budget: {runs: 4}, ${values}}`)).toEqual({ runs: 4, minutes: Infinity });
  expect(budget(`{method: random, budget: {minutes: 2.5}, ${ranges}}`)).toEqual({ runs: Infinity, minutes: 2.5 });
});

test("halving ends with all of the training; each rung has one of eta candidates and eta times the training", () => {
  const rungs = (more: string, runs: number) =>
    rungsOf(searchOf(recipeWith(`{method: halving, ${more}${values}}`), "small.yaml"), { runs, minutes: Infinity });
  expect(rungs("", 24)).toEqual([
    { share: 1 / 9, candidates: 24 },
    { share: 1 / 3, candidates: 8 },
    { share: 1, candidates: 2 },
  ]);
  expect(rungs("eta: 4, rungs: 2, ", 24).map(({ share }) => share)).toEqual([1 / 4, 1]);
  expect(rungs("", 2)).toEqual([{ share: 1, candidates: 2 }]);
  expect(rungs("", Infinity).map(({ candidates }) => candidates)).toEqual([Infinity, Infinity, Infinity]);
});

test("a trial has the objective's evaluation only, and its share of the training", () => {
  const evaluation = "evaluation=[{name: a, kind: loss, data: words}, {name: b, kind: loss, data: words}]";
  const whole = recipeWith(`{objective: {evaluation: b, metric: perplexity}, ${values}}`, [
    evaluation,
    "training.amount={steps: 100}",
    "seed=5",
  ]);
  const objective = objectiveOf(whole, whole.search!);
  expect(objective).toEqual({
    evaluation: "b",
    metric: "perplexity",
    label: "b · perplexity",
    higherIsBetter: false,
  });
  const reduced = reduceRecipe(whole, { strategies: ["vanilla"], baselines: [], objective, share: 1 / 3 });
  expect(reduced.evaluation.map(({ name }) => name)).toEqual(["b"]);
  expect(reduced.training).toEqual({ ...whole.training, amount: { steps: 33 } });
  const same = { ...whole, strategies: ["vanilla"], baselines: [], evaluation: reduced.evaluation };
  expect(reduceRecipe(whole, { strategies: ["vanilla"], baselines: [], objective, share: 1 })).toEqual(same);
});

test("with several seeds, a trial has the first one", () => {
  const whole = recipeWith(`{${values}}`, ["seeds=[4, 5]"]);
  const objective = objectiveOf(whole, whole.search!);
  const reduced = reduceRecipe(whole, { strategies: whole.strategies, baselines: [], objective, share: 1 });
  expect(reduced).toMatchObject({ seed: 4, data: { words: { seed: 4 } } });
  expect("seeds" in reduced).toBe(false);
});

test("values of the training are those of the strategies, not of vanilla; presets become mappings", () => {
  const recipe = recipeWith(`{${values}}`);
  const overrides = strategyOverrides(recipe, { "training.batchSize": 2, "strategies.1.rounds": 3, shards: 4 });
  expect(overrides).toEqual([
    'strategies.1={"preset":"slerp-4"}',
    "strategies.1.training.batchSize=2",
    "strategies.2.training.batchSize=2",
    "strategies.1.rounds=3",
    "shards=4",
  ]);
  expect(parseRecipe(smallRecipe, "small.yaml", overrides).strategies).toMatchObject([
    "vanilla",
    { preset: "slerp-4", rounds: 3, training: { batchSize: 2 } },
    { name: "mine", training: { batchSize: 2 } },
  ]);
  // A strategy scales the amount of training, so this changes it for all.
  expect(strategyOverrides(recipe, { "training.amount": { steps: 5 } })).toEqual(['training.amount={"steps":5}']);
});

test("mistakes in a search are told with their place", () => {
  const mistake = (search: string) => messageOf(() => recipeWith(search));
  expect(mistake("{method: random}")).toBe(
    "RecipeError: --set search={method: random} — expected values to try, got none.\n" +
      "  Add `values:` or `baseline:` with paths and values, such as `training.learningRate: [1.0e-3, 2.0e-3]`.",
  );
  expect(mistake("{values: {seed: {min: 1, max: 3}}}")).toContain(
    "search.values.seed — expected a list of values with method grid, got a mapping.\n" +
      "  Give a list of values, or choose `method: random` or `method: halving`.",
  );
  expect(mistake("{method: random, values: {seed: {min: 3, max: 1}}}")).toContain(
    "search.values.seed.max — expected a number above min (3), got 1.",
  );
  expect(mistake("{method: random, values: {seed: {min: 0, max: 1, scale: log}}}")).toContain(
    "search.values.seed.min — expected a number above 0 with scale log, got 0.",
  );
  expect(mistake("{methd: grid, values: {seed: [1]}}")).toContain('Did you mean "method"?');
  const recipe = recipeWith("{objective: {metric: accuracy}, values: {seed: [1]}}");
  expect(messageOf(() => objectiveOf(recipe, recipe.search!))).toContain(
    'search.objective.metric — expected a metric of loss (loss; perplexity; bits_per_byte), got "accuracy".',
  );
  const none = parseRecipe(smallRecipe, "small.yaml");
  expect(messageOf(() => searchOf(none, "small.yaml"))).toBe(
    "RecipeError: small.yaml — expected a recipe with `search:`, got none.\n" +
      "  Add `search:` with the `values:` to try; docs/recipe.md explains its keys.",
  );
});
