import { openDevice } from "../device/open-device.js";
import { totalParameters } from "../model/cost.js";
import { loadRecipe } from "../recipe/load-recipe.js";
import type { Job } from "../run/job.js";
import { readDone } from "../run/job-folder.js";
import { planRun } from "../run/run-plan.js";
import { choosePool } from "./machine.js";
import { formatGigabytes, machineLimits } from "./machine-limits.js";
import { measureFlops } from "./measure-flops.js";
import { alignTable, partsLine, planRows, type PlanRow } from "./plan-text.js";
import { formatSeconds } from "./progress.js";

/** What a training step reaches of the speed of one large matrix product: a cautious guess for the expected time. */
const usefulShare = 0.5;

export async function planCommand(path: string, options: { set: string[]; runs: string; json: boolean }): Promise<void> {
  const recipe = await loadRecipe(path, options.set);
  const plan = await planRun(recipe);
  const pool = choosePool(recipe);
  const flops = await measureFlops(openDevice(pool.execution.device, pool.execution.threads, "f32"));
  const rows = planRows(plan);
  const open = plan.jobs.filter(({ id }) => readDone({ folder: options.runs }, id) === null);
  const secondsOf = ({ work, wholeMachine }: Job) => work / (flops * usefulShare * (wholeMachine ? pool.parallel : 1));
  const alone = open.filter(({ wholeMachine }) => wholeMachine).reduce((sum, job) => sum + secondsOf(job), 0);
  const shared = open.filter(({ wholeMachine }) => !wholeMachine).reduce((sum, job) => sum + secondsOf(job), 0);
  const seconds = alone + shared / pool.parallel;
  const peakMemoryBytes = largestTogether(rows, pool.parallel);
  const { freeMemoryBytes } = machineLimits();
  if (options.json) {
    const text = JSON.stringify({ name: recipe.name, rows, jobs: plan.jobs, open: open.map(({ id }) => id), seconds, peakMemoryBytes, freeMemoryBytes }, null, 2);
    process.stdout.write(`${text}\n`);
    return;
  }
  const cells = rows.map((row) => [
    row.strategy,
    String(row.round),
    String(row.worker),
    row.window,
    row.trainableParameters.toLocaleString("en"),
    row.cost.toFixed(3),
    `${(row.memoryBytes / 1e6).toFixed(0)} MB`,
    row.sharedWith ? `as in ${row.sharedWith}` : "",
  ]);
  const header = ["strategy", "round", "worker", "trains", "parameters", "cost", "memory", "shared"];
  const out = process.stdout;
  out.write(`${recipe.name}: ${partsLine(plan)}\n`);
  out.write(`Model: ${totalParameters(plan.config).toLocaleString("en")} parameters, ${plan.config.layers} layers\n\n`);
  out.write(`${alignTable([header, ...cells])}\n\n`);
  out.write("cost: work per token relative to a step that trains everything. memory: of one part while it trains.\n");
  out.write(`${plan.jobs.length} jobs, ${open.length} to do, ${pool.parallel} at a time with ${pool.execution.threads} thread each\n`);
  out.write(`Memory: up to ${formatGigabytes(peakMemoryBytes)} at a time, ${formatGigabytes(freeMemoryBytes)} free here\n`);
  if (peakMemoryBytes > freeMemoryBytes) out.write("  That is not enough: use a smaller batchSize, or fewer jobs at a time (machine.parallel).\n");
  out.write(`Expected time: about ${formatSeconds(seconds)} (${(flops / 1e9).toFixed(0)} GFLOP/s measured per job, token counts estimated)\n`);
}

/** Memory of the largest parts that can run at the same time. */
function largestTogether(rows: readonly PlanRow[], parallel: number): number {
  const bytes = rows.filter(({ sharedWith }) => !sharedWith).map(({ memoryBytes }) => memoryBytes);
  return bytes.sort((a, b) => b - a).slice(0, parallel).reduce((sum, part) => sum + part, 0);
}
