import { openDevice } from "../../device/open-device.js";
import { readDone } from "../../jobs/job-folder.js";
import { checkPlan } from "../../run/checks/check-plan.js";
import { diskOfModels } from "../../run/graph/disk-of-models.js";
import { summarizePlan } from "../../run/graph/plan-summary.js";
import { freeDisk } from "../environment/free-disk.js";
import { choosePool } from "../environment/machine.js";
import { machineLimits } from "../environment/machine-limits.js";
import { expectedSeconds } from "../../plan/time.js";
import { measureFlops } from "../environment/measure-flops.js";
import { planText } from "../view/plan-text.js";
import { locatePlan } from "./locate-plan.js";
import type { RunArguments } from "./locate-run.js";

export async function planCommand(path: string, options: RunArguments & { readonly json: boolean }): Promise<void> {
  const { recipe, plan: planned, store } = await locatePlan(path, options);
  const plan = await checkPlan(planned, store);
  const { jobs } = plan;
  const { parallel, execution } = choosePool(recipe);
  const summary = summarizePlan(plan, parallel);
  const flopsPerSecond = await measureFlops(openDevice(execution.device, execution.threads, recipe.dtype));
  const unfinished = jobs.filter(({ id }) => readDone(store, id) === null);
  const estimate = {
    seconds: expectedSeconds(unfinished, flopsPerSecond, parallel),
    freeMemoryBytes: machineLimits().freeMemoryBytes,
    disk: diskOfModels(plan, unfinished, parallel),
    freeDiskBytes: freeDisk(store.folder),
  };
  if (options.json) {
    const facts = {
      name: recipe.name,
      ...summary,
      notes: plan.notes,
      jobs,
      open: unfinished.map(({ id }) => id),
      ...estimate,
    };
    process.stdout.write(`${JSON.stringify(facts, null, 2)}\n`);
  } else {
    const { threads } = execution;
    const open = unfinished.length;
    process.stdout.write(planText(recipe, plan, summary, { ...estimate, open, threads, flopsPerSecond }));
  }
}
