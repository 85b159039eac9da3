import { writeFileAtomic } from "../../files/atomic-file.js";
import { compareRuns, comparisonCsv } from "../../search/compare/comparison.js";
import { readFinishedRun, type FinishedRun } from "../../search/compare/finished-run.js";
import { comparisonText } from "../view/comparison-text.js";
import { locateRun, type RunArguments } from "./run/locate-run.js";

export interface CompareCommandOptions extends Pick<RunArguments, "runs"> {
  readonly evaluation?: string;
  readonly metric?: string;
  readonly csv?: string;
  readonly json: boolean;
}

/** Prints finished runs side by side. @param paths  recipes or folders of runs */
export async function compareCommand(paths: readonly string[], options: CompareCommandOptions): Promise<void> {
  const { evaluation = null, metric = null, csv, json, runs: store } = options;
  const runs: FinishedRun[] = [];
  for (const path of paths) {
    const located = await locateRun(path, { set: [], runs: store });
    runs.push(readFinishedRun(located.store, located.folder));
  }
  const comparison = compareRuns(runs, { evaluation, metric });
  if (csv !== undefined) writeFileAtomic(csv, comparisonCsv(comparison));
  process.stdout.write(json ? `${JSON.stringify(comparison)}\n` : comparisonText(comparison));
}
