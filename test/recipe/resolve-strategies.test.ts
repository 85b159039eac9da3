import { expect, test } from "vitest";
import { presetStrategy, presetNames } from "../../src/plan/presets/presets.js";
import { parseRecipe } from "../../src/recipe/load-recipe.js";
import { resolveStrategies } from "../../src/recipe/resolve-strategies.js";
import { smallRecipe } from "./small-recipe.js";

test("strategies of a recipe become whole once the depth is known", () => {
  const [vanilla, preset, mine] = resolveStrategies(parseRecipe(smallRecipe, "small.yaml"), 8);
  expect(vanilla).toEqual(presetStrategy("vanilla", 8));
  expect(preset).toEqual(presetStrategy("slerp-4", 8));
  expect(mine).toEqual({
    name: "mine",
    windows: [
      { first: 0, end: 8, embeddings: true },
      { first: 0, end: 4, embeddings: false },
      { first: 4, end: 8, embeddings: false },
      { first: 6, end: 8, embeddings: true },
    ],
    rounds: 1,
    rotate: false,
    keepOptimizerState: true,
    merge: {
      method: "union",
      trainedShare: 0.8,
      density: 1,
      lambda: 1,
      outerOptimizer: { method: "nesterov", learningRate: 0.7, momentum: 0.5 },
    },
  });
});

test("every preset of the plan can stand in a recipe", () => {
  const recipe = parseRecipe(smallRecipe, "small.yaml", [`strategies=[${presetNames.join(", ")}]`]);
  expect(resolveStrategies(recipe, 8)).toEqual(presetNames.map((name) => presetStrategy(name, 8)));
});

test("a single window is a part with all data, and trains embedding and head if it covers every layer", () => {
  const set = ["shards=3", "strategies=[vanilla, {name: top, windows: [4-8]}, {name: all, windows: [0-8]}]"];
  const [, top, all] = resolveStrategies(parseRecipe(smallRecipe, "small.yaml", set), 8);
  expect(top.windows).toEqual([{ first: 4, end: 8, embeddings: false }]);
  expect(all.windows).toEqual([{ first: 0, end: 8, embeddings: true }]);
});

test("a window that exceeds a model from a folder is reported with its place in the recipe", () => {
  const text = smallRecipe.replace(/^tokenizer.*\n/m, "").replace(/random: .*\}/, "folder: here }");
  const inFile = parseRecipe(text, "recipes/small.yaml");
  expect(() => resolveStrategies(inFile, 6))
    .toThrow(`recipes/small.yaml:9:26 strategies[2].windows[2] — expected a window inside layers 0–6, got "4-8".
  The end of a window is exclusive: the last layers are, for example, 2-6.
RecipeError: recipes/small.yaml:9:31 strategies[2].windows[3] — expected a window inside layers 0–6, got "6-8".
  The end of a window is exclusive: the last layers are, for example, 2-6.`);
  const set = parseRecipe(text, "recipes/small.yaml", ["strategies.2.windows=[full, full, full, 0-9]"]);
  expect(() => resolveStrategies(set, 6)).toThrow(
    "--set strategies.2.windows=[full, full, full, 0-9] strategies[2].windows[3] — expected a window inside layers 0–6",
  );
});
