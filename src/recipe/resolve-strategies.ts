import type { Strategy } from "../plan/strategy.js";
import { presetStrategy } from "../plan/presets/presets.js";
import { resolveWindow } from "../model/config/window.js";
import { recipeErrors } from "./errors/issue.js";
import { placeOf } from "./places.js";
import type { Recipe, StrategyRecipe } from "./recipe.js";
import { boundIssues } from "./checks/strategy-checks.js";

/**
 * The strategies for a model with this number of layers.
 *
 * @throws StrataError that lists every window that exceeds the model, by place
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
