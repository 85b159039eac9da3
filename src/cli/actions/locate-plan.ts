import type { Store } from "../../jobs/job-folder.js";
import { planRun, type RunPlan } from "../../run/graph/run-graph.js";
import { withHub } from "./hub-access.js";
import { locateRun, type RunArguments } from "./locate-run.js";

/** The run that a recipe, or its folder, names. */
export async function locatePlan(
  path: string,
  options: RunArguments,
): Promise<{ readonly store: Store; readonly plan: RunPlan }> {
  const { recipe, store } = await locateRun(path, options);
  return { store, plan: await withHub((hub) => planRun(recipe, hub)) };
}
