import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isFolder } from "../../../files/is-folder.js";
import { fileStamp } from "../../../files/file-stamp.js";
import { describeWriter, type Writer } from "../../../files/writer.js";
import { describePart } from "../../../jobs/packed/pack-format.js";
import { collectFile, deviceNotes, type CollectedFile } from "../../../run/carry/collect-parts.js";
import { continueRun, type ContinuedRun } from "../../../run/carry/continue-run.js";
import { packParts } from "../../../run/carry/pack-parts.js";
import type { PreparedRun, RunOptions } from "../../../run/execute-runs.js";
import { unlessAborted } from "../../../run/unless-aborted.js";
import { quoteShell } from "../../../text/quote-shell.js";
import { freeDisk } from "../../environment/free-disk.js";
import { exitCodes } from "../../exit-codes.js";
import { collectedText, continuedText } from "../../view/carry/collect-text.js";
import { notesText } from "../../view/notes-text.js";
import { showRun, type RunView } from "../../view/run-view.js";
import { prepareCarriedRun } from "./carried-run.js";
import { jobRunner, preparePool } from "../run/job-runner.js";
import { locateRun, type RunArguments } from "../run/locate-run.js";
import { sharedFile } from "./pack-command.js";
import { printOutcome } from "../run/run-command.js";

export interface CollectCommandOptions extends RunArguments {
  readonly watch: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** How long `--watch` waits before it looks at the folder again. */
const waitMilliseconds = 3000;

export async function collectCommand(
  path: string,
  files: readonly string[],
  options: CollectCommandOptions,
): Promise<void> {
  const { recipe, store, folder } = await locateRun(path, options);
  const pool = await preparePool(recipe);
  const silent = options.quiet || options.json;
  const view = silent ? null : showRun(recipe, store, pool, process.stderr);
  const runOptions: RunOptions = jobRunner(store, pool, view);
  const collected: CollectedFile[] = [];
  // A file may still be copied when it is first seen.
  const last = new Map<string, CollectedFile>();
  const onCollected = (one: CollectedFile) => {
    collected.push(one);
    last.set(one.file, one);
    if (one.error !== null || !silent) process.stderr.write(collectedText(one));
  };
  const work = async () => {
    const run = await prepareCarriedRun(recipe, runOptions, folder);
    const collectAll = collector(run, runOptions, onCollected);
    await collectAll(files);
    const result = await continueOnce(run, runOptions, view);
    return options.watch ? watch(run, files[0], collectAll, result, runOptions, silent) : { run, result };
  };
  const ended = await unlessAborted(work(), runOptions.signal).finally(() => view?.stop());
  if ([...last.values()].some(({ error }) => error !== null)) process.exitCode = exitCodes.failed;
  if (ended === null) return printOutcome({ outcome: "interrupted", failures: [], folder });
  const { run, result } = ended;
  if (options.json) process.stdout.write(`${JSON.stringify(collectedJson(collected, result))}\n`);
  else if (!silent) {
    process.stderr.write(notesText(deviceNotes(run.plan, store)));
    if (result.report === null) process.stdout.write(continuedText(packCommandLine(path, options), result));
    else {
      const { resultsText } = await import("../run/report-command.js");
      process.stdout.write(`\n${resultsText(result)}\n\nReport: ${result.report.html}\n`);
    }
  }
  printOutcome({ ...result, folder });
}

/** The beginning of a command that packs parts of the same run. */
function packCommandLine(path: string, { set, runs }: RunArguments): string {
  const options = [...set.flatMap((one) => ["--set", one]), ...(runs === undefined ? [] : ["--runs", runs])];
  return ["strata", "pack", path, ...options].map(quoteShell).join(" ");
}

async function continueOnce(run: PreparedRun, options: RunOptions, view: RunView | null): Promise<ContinuedRun> {
  const shown = { ...options, onPlan: view?.onPlan, onChange: view?.onChange };
  return continueRun(run, shown).finally(() => view?.stop());
}

/** Collects files, each once until it changes: a file of a shared folder may still be copied when it is first seen. */
function collector(run: PreparedRun, { store, signal }: RunOptions, onCollected: (one: CollectedFile) => void) {
  const seen = new Set<string>();
  return async (files: readonly string[]): Promise<number> => {
    let count = 0;
    for (const file of files.flatMap(doneFilesOf)) {
      const key = `${file} ${fileStamp(file)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const onWait = (holder: Writer) =>
        void process.stderr.write(`waiting for ${describeWriter(holder)}, which works on the part of ${file}\n`);
      const one = await collectFile(run, store, file, { freeDisk, signal, onWait });
      onCollected(one);
      if (one.outcome === "collected") count++;
    }
    return count;
  };
}

function doneFilesOf(path: string): string[] {
  if (!isFolder(path)) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith(".done.strata"))
    .sort()
    .map((name) => join(path, name));
}

/** Collects, continues the run and packs the next parts into the folder until the run is finished. */
async function watch(
  run: PreparedRun,
  folder: string,
  collectAll: (files: readonly string[]) => Promise<number>,
  first: ContinuedRun,
  options: RunOptions,
  silent: boolean,
) {
  const { signal, store } = options;
  let result = first;
  for (;;) {
    if (result.report !== null || result.outcome !== "finished") return { run, result };
    await packParts(run, result.next, store, {
      weights: "carry",
      signal,
      fileOf: (part) => sharedFile(folder, part),
      onWritten({ part, file }) {
        if (!silent) process.stderr.write(`${file}: ${describePart(part)}\n`);
      },
    });
    while ((await collectAll([folder])) === 0) {
      await new Promise((resolve) => setTimeout(resolve, waitMilliseconds));
      signal.throwIfAborted();
    }
    result = await continueOnce(run, options, null);
  }
}

function collectedJson(collected: readonly CollectedFile[], result: ContinuedRun): unknown {
  const named = (parts: ContinuedRun["missing"]) => parts.map(({ job, ...name }) => ({ ...name, job: job.id }));
  const { outcome, failures, facts, report, missing, next } = result;
  return {
    collected: collected.map(({ file, outcome: one, error, notes }) => ({
      file,
      outcome: one,
      error: error?.message ?? null,
      notes,
    })),
    outcome,
    failures: failures.map(({ job: { id, title }, failure }) => ({ id, title, failure })),
    missing: named(missing),
    next: named(next),
    facts,
    report,
  };
}
