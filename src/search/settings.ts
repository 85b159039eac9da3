import { StrataError } from "../errors/strata-error.js";
import { suggestName } from "../errors/nearest-name.js";
import { findTask } from "../evaluate/harness/config/find-tasks.js";
import { metricsOfTask } from "../evaluate/task/kinds/file-task-metrics.js";
import { lossMetrics } from "../evaluate/task/kinds/loss.js";
import { taskKind } from "../evaluate/task/task-kinds.js";
import { placeOf } from "../recipe/places.js";
import type { EvaluationRecipe, Recipe, SearchRecipe } from "../recipe/recipe.js";
import { sizeOf, type Space } from "./space.js";

/** What candidates are compared by. */
export interface Objective {
  /** Name of an evaluation. */
  readonly evaluation: string;
  readonly metric: string;
  /** "answers · strict match" */
  readonly label: string;
  readonly higherIsBetter: boolean;
}

/** @throws StrataError if the recipe has no `search` */
export function searchOf(recipe: Recipe, file: string): SearchRecipe {
  if (recipe.search) return recipe.search;
  throw new StrataError("RecipeError", {
    where: file,
    expected: "a recipe with `search:`",
    got: "none",
    hint: "Add `search:` with the `values:` to try; docs/recipe.md explains its keys.",
  });
}

/** @throws StrataError if there is no evaluation, or its kind does not have the metric */
export function objectiveOf(recipe: Recipe, { objective }: SearchRecipe): Objective {
  const task = recipe.evaluation.find(({ name }) => name === (objective.evaluation ?? recipe.evaluation[0].name));
  if (!task) {
    throw new StrataError("RecipeError", {
      where: placeOf(recipe, ["search"]),
      expected: "an evaluation to compare candidates by",
      got: objective.evaluation === undefined ? "none" : JSON.stringify(objective.evaluation),
      hint: "Add one under `evaluation:`.",
    });
  }
  const kind = taskKind("kind" in task ? task.kind : "task");
  const metrics = metricsOf(task);
  const names = metrics.map(({ name }) => name);
  const metric = objective.metric ?? kind.primaryOf(names);
  const found = metrics.find(({ name }) => name === metric);
  if (!found) {
    throw new StrataError("RecipeError", {
      where: placeOf(recipe, ["search", "objective", "metric"]),
      expected: `a metric of ${task.name} (${names.join("; ")})`,
      got: JSON.stringify(metric),
      hint: suggestName(metric, names) ?? "Choose one of them.",
    });
  }
  const label = `${task.name} · ${kind.describe(metric).label}`;
  return { evaluation: task.name, metric, label, higherIsBetter: found.higherIsBetter };
}

function metricsOf(
  evaluation: EvaluationRecipe,
): readonly { readonly name: string; readonly higherIsBetter: boolean }[] {
  if ("kind" in evaluation) return lossMetrics.map((name) => ({ name, higherIsBetter: false }));
  return metricsOfTask(findTask(evaluation.task).config);
}

/** The budget of one phase: candidates that start, and minutes; infinite where it does not limit them. */
export interface Budget {
  readonly runs: number;
  readonly minutes: number;
}

/** Without a budget in the recipe, of methods that draw. */
const usualRuns = 24;

export function budgetOf({ budget, method }: SearchRecipe, space: Space): Budget {
  if (budget !== undefined && "minutes" in budget) return { runs: sizeOf(space), minutes: budget.minutes };
  const wanted = budget?.runs ?? (method === "grid" ? Infinity : usualRuns);
  return { runs: Math.min(wanted, sizeOf(space)), minutes: Infinity };
}

/** A step of successive halving. */
export interface Rung {
  /** Of `training.amount`; 1 on the last rung, and for other methods. */
  readonly share: number;
  /** Candidates at most; for a budget of minutes infinite on the first rung. */
  readonly candidates: number;
}

/**
 * The rungs of a phase: shares eta^−k of the training, ending with all of it. With a budget of runs, one of eta
 * candidates continues, and there are as many rungs as leave one for the last.
 */
export function rungsOf({ method, eta, rungs }: SearchRecipe, { runs }: Budget): Rung[] {
  if (method !== "halving") return [{ share: 1, candidates: runs }];
  let count = 1;
  while (count < rungs && runs >= eta ** count) count++;
  return Array.from({ length: count }, (_, i) => ({
    share: eta ** (i + 1 - count),
    candidates: Math.max(1, Math.floor(runs / eta ** i)),
  }));
}
