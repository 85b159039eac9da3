import { openDevice } from "../../device/open-device.js";
import { totalParameters } from "../../model/config/parameter-counts.js";
import type { Job } from "../../jobs/job.js";
import { diskOfModels } from "../../run/graph/disk-of-models.js";
import { readDone } from "../../jobs/job-folder.js";
import { summarizePlan } from "../../run/graph/plan-summary.js";
import { planRun } from "../../run/graph/run-graph.js";
import { defaultsText } from "../view/defaults-text.js";
import { freeDisk } from "../environment/free-disk.js";
import { formatBytes } from "../../text/format-bytes.js";
import { withHub } from "./hub-access.js";
import { locateRun, type RunArguments } from "./locate-run.js";
import { choosePool } from "../environment/machine.js";
import { machineLimits } from "../environment/machine-limits.js";
import { measureFlops } from "../environment/measure-flops.js";
import { partsLine, partsTable, strategiesTable } from "../view/plan-text.js";
import { formatSeconds } from "../../text/format-seconds.js";
import { plural } from "../../text/plural.js";

/** What a training step reaches of the speed of one large matrix product: a cautious guess for the expected time. */
const usefulShare = 0.5;

export async function planCommand(path: string, options: RunArguments & { readonly json: boolean }): Promise<void> {
  const { recipe, store } = await locateRun(path, options);
  const plan = await withHub((hub) => planRun(recipe, hub));
  const { parallel, execution } = choosePool(recipe);
  const summary = summarizePlan(plan, parallel);
  const flops = await measureFlops(openDevice(execution.device, execution.threads, recipe.dtype));
  const open = plan.jobs.filter(({ id }) => readDone(store, id) === null);
  const secondsOf = ({ flops, exclusive }: Job) => flops / (flops * usefulShare * (exclusive ? parallel : 1));
  const alone = open.filter(({ exclusive }) => exclusive).reduce((sum, job) => sum + secondsOf(job), 0);
  const shared = open.filter(({ exclusive }) => !exclusive).reduce((sum, job) => sum + secondsOf(job), 0);
  const seconds = alone + shared / parallel;
  const { freeMemoryBytes } = machineLimits();
  const disk = diskOfModels(plan, open, parallel);
  const freeDiskBytes = freeDisk(store.folder);
  if (options.json) {
    const facts = {
      name: recipe.name,
      ...summary,
      jobs: plan.jobs,
      open: open.map(({ id }) => id),
      seconds,
      freeMemoryBytes,
      disk,
      freeDiskBytes,
    };
    process.stdout.write(`${JSON.stringify(facts, null, 2)}\n`);
    return;
  }
  const warning =
    summary.peakMemoryBytes > freeMemoryBytes
      ? "\n  That is not enough: set training.activationCheckpointing or training.offload, use a smaller microBatchSize, or fewer jobs at a time (machine.parallel)."
      : "";
  const diskWarning =
    disk.kept + disk.passing > freeDiskBytes ? "\n  That is not enough: give --runs a folder on a larger disk." : "";
  const threads = `${plural(execution.threads, "thread")} each`;
  process.stdout.write(`${recipe.name}: ${partsLine(summary)}
Model: ${totalParameters(plan.config).toLocaleString("en")} parameters, ${plan.config.layers} layers
${defaultsText(recipe)}
${partsTable(summary)}

cost: work per token relative to a step that trains everything. data: share of what vanilla trains on. memory: of one part alone; parts at a time share what they leave frozen.

Expected duration, with vanilla's training on one machine as 100 %, without merges:

${strategiesTable(summary)}

${plan.jobs.length} jobs, ${open.length} to do, ${parallel} at a time with ${threads}
Memory: up to ${formatBytes(summary.peakMemoryBytes)} for ${plural(parallel, "part")} at a time, ${formatBytes(freeMemoryBytes)} free here${warning}
Disk: about ${formatBytes(disk.kept)} for models when all is done and ${formatBytes(disk.passing)} more while they train, ${formatBytes(freeDiskBytes)} free here${diskWarning}
Expected time: about ${formatSeconds(seconds)} (${(flops / 1e9).toFixed(0)} GFLOP/s measured per job, token counts estimated)
`);
}
