import { join } from "node:path";
import type { Pool } from "../../jobs/executor.js";
import type { Job } from "../../jobs/job.js";
import type { Store } from "../../jobs/job-folder.js";
import type { Recipe } from "../../recipe/recipe.js";
import { summarizePlan } from "../../run/graph/plan-summary.js";
import type { TokenizeResult } from "../../run/kinds/tokenize.js";
import type { RunOptions, RunState } from "../../run/execute-runs.js";
import { plural } from "../../text/plural.js";
import { defaultsText } from "./plan/defaults-text.js";
import { notesText } from "./notes-text.js";
import { showDownload, type DownloadView } from "./download-view.js";
import { partsLine, seedsPart } from "./plan/plan-text.js";
import { showProgress, type ProgressView } from "./progress/show-progress.js";
import { tokenizedNote } from "./tokenized-note.js";

export interface RunView extends Required<Pick<RunOptions, "onPlan" | "onChange">> {
  readonly hubEvents: DownloadView["events"];
  /** Prints a line above the progress once the jobs have started; ignored before. */
  print(line: string): void;
  stop(): void;
}

/** Shows a run: downloads, the plan in one line, then the progress and a line for each job that ends. */
export function showRun(recipe: Recipe, store: Store, pool: Pool, out: NodeJS.WriteStream): RunView {
  const downloads = showDownload(out);
  let progress: ProgressView | null = null;
  return {
    hubEvents: downloads.events,
    onPlan(state) {
      downloads.stop();
      out.write(planLine(recipe, state, store, pool));
      out.write(defaultsText(recipe));
      out.write(notesText([...new Set(state.plans.flatMap(({ notes }) => notes))]));
      const reused = [...state.statuses.values()].filter((status) => status.reused).length;
      if (reused > 0) out.write(`${reused} of ${state.jobs.length} jobs are already done\n`);
      progress?.stop();
      progress = showProgress(state, out);
    },
    onChange(state, job, status) {
      if (status.reused) return;
      if (status.state === "done") progress?.print(`✓ ${job.title}${noteOf(state, job)}`);
      if (status.state === "failed") progress?.print(`✗ ${job.title}: ${status.failure ?? ""}`);
    },
    print: (line) => progress?.print(line),
    stop() {
      downloads.stop();
      progress?.stop();
    },
  };
}

/** `demo: 4 strategies, 10 parts, 7 to train; 2 jobs in parallel with 1 thread each, in runs/jobs` */
function planLine(
  recipe: Recipe,
  { plan }: RunState,
  store: Store,
  { parallel, execution: { threads, device } }: Pool,
): string {
  const parts = `${seedsPart(recipe)}${partsLine(summarizePlan(plan, parallel))}`;
  const each = device === "webgpu" ? "on webgpu" : `with ${plural(threads, "thread")} each`;
  const jobs = Number.isFinite(parallel) ? `${plural(parallel, "job")} in parallel ${each}` : `jobs of Slurm ${each}`;
  return `${recipe.name}: ${parts}; ${jobs}, in ${join(store.folder, "jobs")}\n`;
}

/** Of a finished job. */
function noteOf(state: RunState, job: Job): string {
  return job.kind === "tokenize" ? tokenizedNote(state.done(job)?.result as TokenizeResult) : "";
}
