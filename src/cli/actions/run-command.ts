import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareAddon } from "../../device/cpu/prepare-addon.js";
import { resultsTable } from "../../report/results-table.js";
import { runRecipe, type RunState } from "../../run/run-recipe.js";
import type { Job } from "../../jobs/job.js";
import type { TokenizeResult } from "../../run/kinds/tokenize.js";
import { summarizePlan } from "../../run/graph/plan-summary.js";
import { defaultsText } from "../view/defaults-text.js";
import { showDownload } from "../view/download-view.js";
import { hubSettings } from "../environment/hub-settings.js";
import { locateRun, type RunArguments } from "./locate-run.js";
import { choosePool } from "../environment/machine.js";
import { formatSeconds } from "../../text/format-seconds.js";
import { showProgress, type ProgressView } from "../view/progress.js";
import { tokenizedNote } from "../view/tokenized-note.js";
import { partsLine } from "../view/plan-text.js";

export interface RunCommandOptions extends RunArguments {
  readonly json: boolean;
  readonly quiet: boolean;
}

export async function runCommand(path: string, options: RunCommandOptions): Promise<void> {
  const { recipe, store } = await locateRun(path, options);
  const pool = choosePool(recipe);
  // Here, lest every job compiles the kernels or fails for want of a compiler.
  if (pool.execution.device !== "reference") prepareAddon();
  const silent = options.quiet || options.json;
  const out = process.stderr;
  const interruption = new AbortController();
  let view: ProgressView | null = null;
  const onSignal = () => {
    if (interruption.signal.aborted) process.exit(130);
    view?.print("Stopping: each running job writes a checkpoint. Press Ctrl-C again to leave at once.");
    interruption.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const downloads = showDownload(out);
  const started = performance.now();
  const result = await runRecipe(recipe, {
    store,
    pool,
    program: fileURLToPath(new URL("../main.js", import.meta.url)),
    signal: interruption.signal,
    hub: { settings: hubSettings(process.env), signal: interruption.signal, ...(silent ? {} : downloads.events) },
    onPlan: (state) => {
      downloads.stop();
      if (silent) return;
      out.write(
        `${recipe.name}: ${partsLine(summarizePlan(state.plan, pool.parallel))}, ${pool.parallel} at a time with ${pool.execution.threads} `,
      );
      out.write(
        `${pool.execution.threads === 1 ? "thread" : "threads"} each; jobs are kept in ${join(store.folder, "jobs")}\n`,
      );
      out.write(defaultsText(recipe));
      const reused = [...state.statuses.values()].filter((status) => status.reused).length;
      if (reused > 0) out.write(`${reused} of ${state.plan.jobs.length} jobs are done already\n`);
      view = showProgress(state, out);
    },
    onChange: (state, job, status) => {
      if (silent || status.reused) return;
      if (status.state === "done") view?.print(`✓ ${job.title}${noteOf(state, job)}`);
      if (status.state === "failed") view?.print(`✗ ${job.title}: ${status.failure ?? ""}`);
    },
  }).finally(downloads.stop);
  (view as ProgressView | null)?.stop();
  if (options.json) {
    const { outcome, failures, facts, report } = result;
    const failed = failures.map(({ job: { id, title }, failure }) => ({ id, title, failure }));
    process.stdout.write(`${JSON.stringify({ outcome, failures: failed, facts, report })}\n`);
  }
  if (result.outcome === "interrupted") {
    out.write("Interrupted. Run the same command again to go on from the checkpoints.\n");
    process.exitCode = 130;
    return;
  }
  if (result.outcome === "failed") {
    for (const { job, failure } of result.failures) out.write(`${job.title} failed (${job.id}):\n${failure}\n`);
    out.write("Everything else was finished and is kept. Repair the cause and run the same command again.\n");
    process.exitCode = 1;
    return;
  }
  if (result.facts && result.report && !silent) {
    process.stdout.write(`\n${resultsTable(result.facts)}\n`);
    process.stdout.write(
      `\nDone in ${formatSeconds((performance.now() - started) / 1000)}. Report: ${result.report.html}\n`,
    );
  }
}

function noteOf(state: RunState, job: Job): string {
  if (job.kind === "tokenize") return tokenizedNote(state.done(job)?.result as TokenizeResult);
  const note = state.progress(job)?.note;
  return note ? ` (${note})` : "";
}
