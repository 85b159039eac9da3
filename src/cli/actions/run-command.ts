import { seedsJson } from "../../report/seeds/seeds-json.js";
import { runRecipe, type RunResult } from "../../run/run-recipe.js";
import { formatSeconds } from "../../text/format-seconds.js";
import { exitCodes } from "../exit-codes.js";
import { showRun } from "../view/run-view.js";
import { jobRunner, preparePool } from "./job-runner.js";
import { locateRun, type RunArguments } from "./locate-run.js";
import { resultsText } from "./report-command.js";

export interface RunCommandOptions extends RunArguments {
  readonly json: boolean;
  readonly quiet: boolean;
}

export async function runCommand(path: string, options: RunCommandOptions): Promise<void> {
  const { recipe, store, folder } = await locateRun(path, options);
  const pool = preparePool(recipe);
  const silent = options.quiet || options.json;
  const view = silent ? null : showRun(recipe, store, pool, process.stderr);
  const started = performance.now();
  const runOptions = { ...jobRunner(store, pool, view), onPlan: view?.onPlan, onChange: view?.onChange };
  const result = await runRecipe(recipe, runOptions, folder).finally(() => view?.stop());
  if (options.json) printJson(result);
  printOutcome(result);
  if (result.report && !silent) {
    const duration = formatSeconds((performance.now() - started) / 1000);
    process.stdout.write(`\n${resultsText(result)}\n`);
    process.stdout.write(`\nDone in ${duration}. Report: ${result.report.html}\n`);
  }
}

function printJson({ outcome, failures, facts, seeds, report }: RunResult): void {
  const failed = failures.map(({ job: { id, title }, failure }) => ({ id, title, failure }));
  const results = seeds === null ? { facts } : seedsJson(seeds);
  process.stdout.write(`${JSON.stringify({ outcome, failures: failed, ...results, report })}\n`);
}

/** Reports a run that did not finish, on stderr and by the exit code. */
export function printOutcome({ outcome, failures }: Pick<RunResult, "outcome" | "failures">): void {
  const out = process.stderr;
  if (outcome === "interrupted") {
    out.write("Interrupted. Run the same command again to resume from the checkpoints.\n");
    process.exitCode = exitCodes.interrupted;
  }
  if (outcome === "failed") {
    for (const { job, failure } of failures) out.write(`${job.title} failed (${job.id}):\n${failure}\n`);
    out.write("Finished jobs are kept. Fix the cause and run the same command again.\n");
    process.exitCode = exitCodes.failed;
  }
}
