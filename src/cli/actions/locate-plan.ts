import type { Store } from "../../jobs/job-folder.js";
import type { Recipe } from "../../recipe/recipe.js";
import { planRun, type RunPlan } from "../../run/graph/run-graph.js";
import { withHub } from "./hub-access.js";
import { locateRun, type RunArguments } from "./locate-run.js";

export interface LocatedPlan {
  /** As loaded: it knows its defaults. `plan.recipe` has hub revisions pinned to commits. */
  readonly recipe: Recipe;
  readonly store: Store;
  readonly plan: RunPlan;
}

/** Plans the run of a recipe or of a run's folder. */
export async function locatePlan(path: string, options: RunArguments): Promise<LocatedPlan> {
  const { recipe, store } = await locateRun(path, options);
  return { recipe, store, plan: await withHub((hub) => planRun(recipe, hub)) };
}
