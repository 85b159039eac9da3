import { expect, test } from "vitest";
import { presetStrategy } from "../../src/plan/strategy.js";
import { parseRecipe } from "../../src/recipe/load-recipe.js";
import { resolveStrategies } from "../../src/recipe/resolve-strategies.js";
import { presetNames } from "../../src/recipe/schema.js";
import { smallRecipe } from "./small-recipe.js";

test("strategies of a recipe become whole once the depth is known", () => {
  const [vanilla, preset, mine] = resolveStrategies(parseRecipe(smallRecipe, "small.yaml"), 8);
  expect(vanilla).toEqual(presetStrategy("vanilla", 8));
  expect(preset).toEqual(presetStrategy("slerp-4", 8));
  expect(mine).toEqual({
    name: "mine",
    windows: [
      { first: 0, end: 8, outer: true }, { first: 0, end: 4, outer: false }, { first: 4, end: 8, outer: false },
      { first: 6, end: 8, outer: true },
    ],
    rounds: 1,
    rotate: false,
    keepOptimizer: true,
    merge: { method: "union", ownShare: 0.8, density: 1, scale: 1, outer: { learningRate: 0.7, momentum: 0.5 } },
  });
});

test("every preset of the schema is a preset of the plan with a window per shard", () => {
  for (const name of presetNames) {
    expect(presetStrategy(name, 16)).toMatchObject({ name });
    expect(presetStrategy(name, 16).windows.length).toBe(name === "vanilla" ? 1 : 4);
  }
});

test("a window that leaves a model from a folder is told where it is written", () => {
  const text = smallRecipe.replace(/^tokenizer.*\n/m, "").replace(/random: .*\}/, "folder: here }");
  const inFile = parseRecipe(text, "recipes/small.yaml");
  expect(() => resolveStrategies(inFile, 6)).toThrow(`recipes/small.yaml:9:26 strategies[2].windows[2] — expected a window inside layers 0–6, got "4-8".
  The end of a window is not part of it: the last layers are, for example, 2-6.
RecipeError: recipes/small.yaml:9:31 strategies[2].windows[3] — expected a window inside layers 0–6, got "6-8".
  The end of a window is not part of it: the last layers are, for example, 2-6.`);
  const set = parseRecipe(text, "recipes/small.yaml", ["strategies.2.windows=[full, full, full, 0-9]"]);
  expect(() => resolveStrategies(set, 6)).toThrow(
    "--set strategies.2.windows=[full, full, full, 0-9] strategies[2].windows[3] — expected a window inside layers 0–6",
  );
});
