import type { ComputeDType } from "../../../device/kernels.js";
import { openDevice, requireDevice } from "../../../device/open-device.js";
import { StrataError } from "../../../errors/strata-error.js";
import { readDone, type Store } from "../../../jobs/job-folder.js";
import { planArrays } from "../../../jobs/slurm/submitter.js";
import type { Recipe } from "../../../recipe/recipe.js";
import { runFolder } from "../../../run/run-folder.js";
import { formatBytes } from "../../../text/format-bytes.js";
import { checkPlan } from "../../../run/checks/check-plan.js";
import { eachOnce } from "../../../run/execute-runs.js";
import { diskOfModels, type DiskOfModels } from "../../../run/graph/disk-of-models.js";
import { summarizePlan } from "../../../run/graph/plan-summary.js";
import type { RunPlan } from "../../../run/graph/run-graph.js";
import type { Execution, Job } from "../../../jobs/job.js";
import { freeDisk } from "../../environment/free-disk.js";
import { choosePool } from "../../environment/machine.js";
import { machineLimits } from "../../environment/machine-limits.js";
import { expectedSeconds } from "../../../plan/time.js";
import { measureFlops } from "../../../device/measure-flops.js";
import { planText, type PlanEstimate } from "../../view/plan/plan-text.js";
import { slurmPlanText } from "../../view/plan/slurm-plan-text.js";
import { locatePlans } from "./locate-plan.js";
import type { RunArguments } from "./locate-run.js";
import { onSlurm, slurmRunner } from "./slurm-runner.js";

export interface PlanCommandOptions extends RunArguments {
  readonly json: boolean;
  /** Whether to print the scripts that `strata run --slurm` submits. */
  readonly slurm: boolean;
}

export async function planCommand(path: string, options: PlanCommandOptions): Promise<void> {
  const { recipe, plans: planned, store } = await locatePlans(path, options);
  const plans: RunPlan[] = [];
  for (const one of planned) plans.push(await checkPlan(one, store));
  if (options.slurm) return printScripts(onSlurm(recipe), plans, store, options.json);
  const [plan] = plans;
  const jobs = eachOnce(plans.flatMap((one) => one.jobs));
  const { parallel, execution } = await choosePool(recipe);
  const summary = summarizePlan(plan, parallel);
  const speed = await measuredSpeed(execution, recipe.dtype);
  const unfinished = jobs.filter(({ id }) => readDone(store, id) === null);
  const estimate = {
    seconds: speed.flopsPerSecond === null ? null : expectedSeconds(unfinished, speed.flopsPerSecond, parallel),
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
    process.stdout.write(planText(recipe, plan, summary, { ...estimate, ...speed, jobs: jobs.length, open, threads }));
  }
}

/** FLOP/s of a job, or why this machine, which need not be the one that trains, cannot tell. */
async function measuredSpeed(
  execution: Execution,
  dtype: ComputeDType,
): Promise<Pick<PlanEstimate, "flopsPerSecond" | "unavailable">> {
  try {
    await requireDevice(execution.device);
  } catch (error) {
    if (error instanceof StrataError) return { flopsPerSecond: null, unavailable: error.message.split("\n")[0] };
    throw error;
  }
  const device = await openDevice(execution.device, execution.threads, dtype, execution);
  return { flopsPerSecond: await measureFlops(device), unavailable: null };
}

async function printScripts(recipe: Recipe, plans: readonly RunPlan[], store: Store, json: boolean): Promise<void> {
  const runner = await slurmRunner(recipe, true);
  const options = runner.options(
    plans.map((plan) => ({ plan, folder: runFolder(store, plan.recipe), jobs: plan.jobs })),
  );
  const jobs = eachOnce(plans.flatMap((plan) => plan.jobs));
  const isOpen = (id: string) => readDone(store, id) === null;
  const open = jobs.filter(({ id }) => isOpen(id));
  const arrays = planArrays(store, options, open, new Map(jobs.map((job) => [job.id, job])), isOpen);
  process.stdout.write(json ? `${JSON.stringify(arrays, null, 2)}\n` : slurmPlanText(arrays, options));
  if (json) return;
  const { kept, passing } = diskOfPlans(plans, open, open.length);
  const room = `${formatBytes(freeDisk(store.folder))} free in ${store.folder}`;
  process.stdout.write(
    `# disk: about ${formatBytes(kept)} for models, ${formatBytes(passing)} more meanwhile, ${room}\n`,
  );
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
