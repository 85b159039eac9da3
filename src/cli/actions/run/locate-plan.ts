import type { Store } from "../../../jobs/job-folder.js";
import type { Recipe } from "../../../recipe/recipe.js";
import { seedRecipes } from "../../../recipe/seed-recipes.js";
import { planRun, type RunPlan } from "../../../run/graph/run-graph.js";
import { withHub } from "../hub-access.js";
import { locateRun, type RunArguments } from "./locate-run.js";

export interface LocatedPlan {
  /** As loaded: it knows its defaults. `plan.recipe` has hub revisions pinned to commits. */
  readonly recipe: Recipe;
  readonly store: Store;
  /** Of a recipe with `seeds`, that of the first. */
  readonly plan: RunPlan;
}

/** Plans the run of a recipe or of a run's folder. */
export async function locatePlan(path: string, options: RunArguments): Promise<LocatedPlan> {
  const { plans, ...located } = await locatePlans(path, options);
  return { ...located, plan: plans[0] };
}

/** As `locatePlan`, with one plan per seed. */
export async function locatePlans(
  path: string,
  options: RunArguments,
): Promise<Omit<LocatedPlan, "plan"> & { readonly plans: readonly RunPlan[] }> {
  const { recipe, store } = await locateRun(path, options);
  const plans = await withHub(async (hub) => {
    const planned: RunPlan[] = [];
    for (const one of seedRecipes(recipe) ?? [{ recipe }]) planned.push(await planRun(one.recipe, hub));
    return planned;
  });
  return { recipe, store, plans };
}
