import { openDevice } from "../../device/open-device.js";
import { readDone } from "../../jobs/job-folder.js";
import { checkPlan } from "../../run/checks/check-plan.js";
import { eachOnce } from "../../run/execute-runs.js";
import { diskOfModels, type DiskOfModels } from "../../run/graph/disk-of-models.js";
import { summarizePlan } from "../../run/graph/plan-summary.js";
import type { RunPlan } from "../../run/graph/run-graph.js";
import type { Job } from "../../jobs/job.js";
import { freeDisk } from "../environment/free-disk.js";
import { choosePool } from "../environment/machine.js";
import { machineLimits } from "../environment/machine-limits.js";
import { expectedSeconds } from "../../plan/time.js";
import { measureFlops } from "../environment/measure-flops.js";
import { planText } from "../view/plan-text.js";
import { locatePlans } from "./locate-plan.js";
import type { RunArguments } from "./locate-run.js";

export async function planCommand(path: string, options: RunArguments & { readonly json: boolean }): Promise<void> {
  const { recipe, plans: planned, store } = await locatePlans(path, options);
  const plans: RunPlan[] = [];
  for (const one of planned) plans.push(await checkPlan(one, store));
  const [plan] = plans;
  const jobs = eachOnce(plans.flatMap((one) => one.jobs));
  const { parallel, execution } = choosePool(recipe);
  const summary = summarizePlan(plan, parallel);
  const flopsPerSecond = await measureFlops(openDevice(execution.device, execution.threads, recipe.dtype, execution));
  const unfinished = jobs.filter(({ id }) => readDone(store, id) === null);
  const estimate = {
    seconds: expectedSeconds(unfinished, flopsPerSecond, parallel),
    freeMemoryBytes: machineLimits().freeMemoryBytes,
    disk: diskOfPlans(plans, unfinished, parallel),
    freeDiskBytes: freeDisk(store.folder),
  };
  if (options.json) {
    const facts = {
      name: recipe.name,
      ...(recipe.seeds ? { seeds: recipe.seeds } : {}),
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
    process.stdout.write(
      planText(recipe, plan, summary, { ...estimate, jobs: jobs.length, open, threads, flopsPerSecond }),
    );
  }
}

/** Of the plans of all seeds; a job that several of them contain counts once. */
function diskOfPlans(plans: readonly RunPlan[], open: readonly Job[], parallel: number): DiskOfModels {
  const counted = new Set<string>();
  const disks = plans.map((plan) => {
    const own = open.filter(({ id }) => !counted.has(id) && plan.jobs.some((job) => job.id === id));
    for (const { id } of own) counted.add(id);
    return diskOfModels(plan, own, parallel);
  });
  return {
    kept: disks.reduce((sum, { kept }) => sum + kept, 0),
    passing: Math.max(...disks.map(({ passing }) => passing)),
  };
}
