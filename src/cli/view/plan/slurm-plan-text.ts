import { memoryMargin, timeMargin } from "../../../jobs/slurm/settings.js";
import type { PlannedArray, SlurmOptions } from "../../../jobs/slurm/submitter.js";
import { formatBytes } from "../../../text/format-bytes.js";
import { formatSeconds } from "../../../text/format-seconds.js";
import { plural } from "../../../text/plural.js";

/** The output of `strata plan --slurm`: the scripts of all arrays, each with what it is for. */
export function slurmPlanText(arrays: readonly PlannedArray[], { needs, settings }: SlurmOptions): string {
  const owner = new Map(arrays.flatMap(({ jobs }, i) => jobs.map(({ id }) => [id, i + 1] as const)));
  const texts = arrays.map(({ jobs, after, request, script }, i) => {
    const titles = jobs.map(({ title }) => title);
    const shown = titles.length > 4 ? [...titles.slice(0, 3), `… (${titles.length})`] : titles;
    const before = [...new Set(after.map((id) => owner.get(id)))].sort((a, b) => Number(a) - Number(b));
    const most = jobs.map(needs).reduce((a, b) => (b.memoryBytes > a.memoryBytes ? b : a));
    const ofMemory = settings.memory ? "recipe" : `plan: ${formatBytes(most.memoryBytes)}, times ${memoryMargin}`;
    const planned = `plan: ${formatSeconds(most.seconds)}, times ${timeMargin}, at least 10 min`;
    const ofTime = settings.time ? "recipe" : planned;
    return [
      `# Array ${i + 1} of ${arrays.length}, --array=0-${jobs.length - 1}: ${shown.join("; ")}`,
      `# ${before.length > 0 ? `after tasks of array ${before.join(", ")}` : "after nothing"} (--dependency=afterok)`,
      `# asks for ${plural(request.cpus, "processor")}`,
      `#   memory ${request.memory} (${ofMemory})`,
      `#   time ${request.time} (${ofTime})`,
      script,
    ].join("\n");
  });
  return texts.length > 0 ? texts.join("\n") : "All jobs are done.\n";
}
