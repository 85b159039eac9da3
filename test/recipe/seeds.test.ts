import { expect, test } from "vitest";
import { formatRecipe } from "../../src/recipe/format-recipe.js";
import { parseRecipe } from "../../src/recipe/load-recipe.js";
import { seedRecipes } from "../../src/recipe/seed-recipes.js";
import { smallRecipe } from "./small-recipe.js";

const recipeOf = (...set: readonly string[]) => parseRecipe(smallRecipe, "small.yaml", set);

test("each seed has the recipe with that seed alone, data included", () => {
  const seeds = seedRecipes(recipeOf("seeds=[3, 7]"))!;
  expect(seeds.map(({ folder }) => folder)).toEqual(["seed-3", "seed-7"]);
  for (const { seed, recipe } of seeds)
    expect(recipe).toEqual({ ...recipeOf(`seed=${seed}`), name: `small-seed-${seed}` });
});

test("data with a seed of their own keep it", () => {
  const seeds = seedRecipes(recipeOf("seeds=[3, 7]", "data.words.seed=1"))!;
  expect(seeds.map(({ recipe }) => recipe.data.words)).toMatchObject([{ seed: 1 }, { seed: 1 }]);
});

test("a recipe with seeds survives being written out; one without has no trace of them", () => {
  const recipe = recipeOf("seeds=[3, 7]");
  const written = formatRecipe(recipe);
  expect(written).not.toMatch(/^seed:|^ +seed:/m);
  expect(parseRecipe(written, "other.yaml")).toEqual(recipe);
  expect(seedRecipes(recipeOf())).toBe(null);
  expect(formatRecipe(recipeOf())).not.toContain("seeds");
});

test("seed beside seeds, and a seed twice, are mistakes", () => {
  const message = (...set: readonly string[]) => {
    try {
      recipeOf(...set);
    } catch (error) {
      return String(error);
    }
    return "no error";
  };
  expect(message("seeds=[1, 2]", "seed=3")).toBe(
    "RecipeError: --set seeds=[1, 2] — expected either seed or seeds, got both: seed: 3.\n" +
      "  Keep one of them; --set seeds=[1] runs one of several.",
  );
  expect(message("seeds=[1, 2, 1]")).toContain("seeds[2] — expected each seed once, got 1.\n  Remove one of them.");
  expect(message("seeds=[]")).toContain("expected at least one seed, got an empty list.");
});
