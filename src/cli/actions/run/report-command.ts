import { resultsTable } from "../../../report/results-table.js";
import { seedsJson } from "../../../report/seeds/seeds-json.js";
import { seedsText } from "../../../report/seeds/seeds-text.js";
import { reportSummary } from "../../../report/summary.js";
import { rewriteReport, type RunResult } from "../../../run/run-recipe.js";
import { withHub } from "../hub-access.js";
import { locateRun, type RunArguments } from "./locate-run.js";

export interface ReportCommandOptions extends RunArguments {
  readonly verify: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

export async function reportCommand(path: string, options: ReportCommandOptions): Promise<void> {
  const { recipe, store, folder } = await locateRun(path, options);
  const result = await withHub((hub) => rewriteReport(recipe, { store, hub }, folder, options.verify));
  if (options.json) process.stdout.write(`${JSON.stringify(resultsJson(result))}\n`);
  else if (!options.quiet) process.stdout.write(`${resultsText(result)}\n\nReport: ${result.report.html}\n`);
}

type Results = Pick<RunResult, "facts" | "seeds">;

function resultsJson({ facts, seeds }: Results): unknown {
  if (seeds !== null) return seedsJson(seeds);
  return facts === null ? null : reportSummary(facts);
}

/** The table of a finished run, or the means of its seeds. */
export function resultsText({ facts, seeds }: Results): string {
  if (seeds !== null) return seedsText(seeds);
  return facts === null ? "" : resultsTable(facts);
}
