import type { Recipe } from "../../../recipe/recipe.js";
import type { RunOptions } from "../../../run/execute-runs.js";
import { writeOrigin } from "../../../run/run-origin.js";
import { runRecipe, type RunResult } from "../../../run/run-recipe.js";
import { formatSeconds } from "../../../text/format-seconds.js";
import { quoteShell } from "../../../text/quote-shell.js";
import { exitCodes } from "../../exit-codes.js";
import { showRun } from "../../view/run-view.js";
import { jobRunner, preparePool } from "./job-runner.js";
import { locateRun, type LocatedRun, type RunArguments } from "./locate-run.js";
import { onSlurm, slurmRunner, usesSlurm } from "./slurm-runner.js";

export interface RunCommandOptions extends RunArguments {
  /** Whether Slurm executes the jobs, also if the recipe does not say so. */
  readonly slurm: boolean;
  /** Whether to end once everything is submitted. */
  readonly detach: boolean;
  /** Whether to serve the run to a browser until it ends. */
  readonly dashboard: boolean;
  /** Folder of event files; true for one in the run's folder, absent for none. */
  readonly tensorboard?: string | true;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Code that only some runs need is imported where they need it, so that all others start faster. */
export async function runCommand(path: string, options: RunCommandOptions): Promise<void> {
  const located = await locateRun(path, options);
  const { recipe: written, store, folder } = located;
  const recipe = options.slurm || options.detach ? onSlurm(written) : written;
  const slurm = usesSlurm(recipe) ? await slurmRunner(recipe) : null;
  if (slurm !== null && options.detach) {
    const { detachCommand } = await import("./detach-command.js");
    return detachCommand(recipe, { ...options, store, folder, slurm });
  }
  const pool = slurm === null ? await preparePool(recipe) : { parallel: Infinity, execution: slurm.execution };
  const silent = options.quiet || options.json;
  const view = silent ? null : showRun(recipe, store, pool, process.stderr);
  const started = performance.now();
  const note = (line: string) => view?.print(line);
  const live = options.tensorboard === undefined ? null : await startTensorboard(options.tensorboard, located, recipe);
  const closeDashboard = new AbortController();
  const runOptions: RunOptions = {
    ...jobRunner(store, pool, view, slurm !== null),
    ...(slurm === null ? {} : { executor: slurm.executor(store, note) }),
    onPlan(state) {
      recordOrigin(path, located, options);
      view?.onPlan(state);
      live?.start(state, view);
      if (options.dashboard) void watchRun(located, closeDashboard.signal, note);
    },
    onChange(state, job, status) {
      view?.onChange(state, job, status);
      live?.changed(job, status);
    },
  };
  const result = await runRecipe(recipe, runOptions, folder)
    .finally(() => live?.stop())
    .finally(() => {
      closeDashboard.abort();
      view?.stop();
    });
  if (options.json) await printJson(result);
  printOutcome(result, slurm !== null);
  if (result.report && !silent) {
    const duration = formatSeconds((performance.now() - started) / 1000);
    const { resultsText } = await import("./report-command.js");
    process.stdout.write(`\n${resultsText(result)}\n`);
    process.stdout.write(`\nDone in ${duration}. Report: ${result.report.html}\n`);
  }
}

async function startTensorboard(output: string | true, { store, folder }: LocatedRun, recipe: Recipe) {
  const { liveTensorboard } = await import("./live-tensorboard.js");
  return liveTensorboard(output, { recipe, store, folder });
}

async function watchRun({ store, folder }: LocatedRun, signal: AbortSignal, note: (line: string) => void) {
  const { watchInBrowser } = await import("./dashboard-command.js");
  await watchInBrowser(folder, store, signal, note);
}

/** A run that is continued by its folder was started by another command. */
function recordOrigin(path: string, { file, folder }: LocatedRun, { set, runs }: RunArguments): void {
  if (file !== path) return;
  writeOrigin(folder, { recipe: path, set, runs: runs ?? null, directory: process.cwd() });
}

async function printJson({ outcome, failures, facts, seeds, report }: RunResult): Promise<void> {
  const failed = failures.map(({ job: { id, title }, failure }) => ({ id, title, failure }));
  const results = seeds === null ? { facts } : (await import("../../../report/seeds/seeds-json.js")).seedsJson(seeds);
  process.stdout.write(`${JSON.stringify({ outcome, failures: failed, ...results, report })}\n`);
}

/** Reports a run that did not finish, on stderr and by the exit code. */
export function printOutcome(
  { outcome, failures, folder }: Pick<RunResult, "outcome" | "failures" | "folder">,
  onCluster = false,
): void {
  const out = process.stderr;
  if (outcome === "interrupted") {
    out.write(
      onCluster
        ? "Detached: submitted jobs continue. Watch: the same command, or " +
            `strata status ${quoteShell(folder)}; end: strata cancel ${quoteShell(folder)}.\n`
        : "Interrupted. Run the same command again to resume from the checkpoints.\n",
    );
    process.exitCode = exitCodes.interrupted;
  }
  if (outcome === "failed") {
    for (const { job, failure } of failures) out.write(`${job.title} failed (${job.id}):\n${failure}\n`);
    out.write("Finished jobs are kept. Fix the cause and run the same command again.\n");
    process.exitCode = exitCodes.failed;
  }
}
