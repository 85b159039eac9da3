import { resultsTable } from "../../report/results-table.js";
import { reportSummary } from "../../report/summary.js";
import { planRun } from "../../run/graph/run-graph.js";
import { makeReport } from "../../run/run-recipe.js";
import { withHub } from "./hub-access.js";
import { locateRun, type RunArguments } from "./locate-run.js";

export interface ReportCommandOptions extends RunArguments {
  readonly json: boolean;
  readonly quiet: boolean;
}

export async function reportCommand(path: string, options: ReportCommandOptions): Promise<void> {
  const { recipe, store } = await locateRun(path, options);
  const { facts, report } = makeReport(store, await withHub((hub) => planRun(recipe, hub)));
  if (options.json) process.stdout.write(`${JSON.stringify(reportSummary(facts))}\n`);
  else if (!options.quiet) process.stdout.write(`${resultsTable(facts)}\n\nReport: ${report.html}\n`);
}
