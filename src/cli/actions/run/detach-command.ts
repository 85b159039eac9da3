import { createSubmitter } from "../../../jobs/slurm/submitter.js";
import type { Store } from "../../../jobs/job-folder.js";
import type { Recipe } from "../../../recipe/recipe.js";
import { detachRun, type DetachOptions } from "../../../run/detach-run.js";
import { unlessAborted } from "../../../run/unless-aborted.js";
import { plural } from "../../../text/plural.js";
import { quoteShell } from "../../../text/quote-shell.js";
import { interruption } from "../../environment/interruption.js";
import { hubSettings } from "../../environment/hub-settings.js";
import { exitCodes } from "../../exit-codes.js";
import { showDownload } from "../../view/download-view.js";
import type { SlurmRunner } from "./slurm-runner.js";

export interface DetachArguments {
  readonly store: Store;
  /** Of the run. */
  readonly folder: string;
  readonly slurm: SlurmRunner;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Submits a run and its report, and says how to follow it. */
export async function detachCommand(recipe: Recipe, run: DetachArguments): Promise<void> {
  const { store, folder, slurm } = run;
  const silent = run.quiet || run.json;
  const downloads = silent ? null : showDownload(process.stderr);
  const note = (line: string) => (silent ? true : process.stderr.write(`${line}\n`));
  const signal = interruption();
  const options: DetachOptions = {
    store,
    signal,
    hub: { settings: hubSettings(process.env), signal, ...downloads?.events },
    submitter: (runs, jobs) => createSubmitter(store, slurm.options(runs), jobs, signal),
    onFull: () => note("The queue has no room for all jobs now: waiting until they are submitted."),
  };
  const work = detachRun(recipe, options, folder);
  const detached = await unlessAborted(work, signal).finally(() => downloads?.stop());
  const quoted = quoteShell(folder);
  if (detached === null) {
    process.stderr.write(
      "Interrupted: submitted jobs continue; the same command submits the others and the report. " +
        `Watch: strata status ${quoted}; end: strata cancel ${quoted}.\n`,
    );
    process.exitCode = exitCodes.interrupted;
    return;
  }
  if (run.json) process.stdout.write(`${JSON.stringify(detached)}\n`);
  if (silent) return;
  process.stdout.write(
    `${plural(detached.open, "job")} of ${recipe.name} submitted; the report is job ${detached.steps.report}.\n` +
      `Follow: strata status ${quoted}; strata logs ${quoted} JOB. End: strata cancel ${quoted}.\n`,
  );
}
