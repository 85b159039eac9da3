import type { Window } from "../model/parameters.js";
import { presetStrategy, windowOver, type Strategy } from "../plan/strategy.js";
import { recipeErrors } from "./issue.js";
import { placeOf } from "./places.js";
import type { Recipe, StrategyRecipe, WindowRecipe } from "./recipe.js";
import { boundIssues } from "./strategy-checks.js";

/**
 * The strategies for a model of so many layers.
 *
 * @throws StrataError naming every window that leaves the model, where it is written
 */
export function resolveStrategies(recipe: Recipe, layers: number): Strategy[] {
  const issues = recipe.strategies.flatMap((strategy, i) =>
    typeof strategy === "string"
      ? []
      : boundIssues(
          strategy.windows.map((value, j) => ({ path: ["strategies", i, "windows", j], value })),
          layers,
        ),
  );
  if (issues.length > 0) {
    throw recipeErrors(
      issues.map(({ path, expected, got, hint }) => ({ where: placeOf(recipe, path), expected, got, hint })),
    );
  }
  return recipe.strategies.map((strategy) => resolveStrategy(strategy, layers));
}

function resolveStrategy(strategy: StrategyRecipe, layers: number): Strategy {
  if (typeof strategy === "string") return presetStrategy(strategy, layers);
  return { ...strategy, windows: strategy.windows.map((window) => resolveWindow(window, layers)) };
}

function resolveWindow(window: WindowRecipe, layers: number): Window {
  if (window === "full") return windowOver(0, layers, layers);
  const { first, end, outer } = window;
  return outer ? window : windowOver(first, end, layers);
}
