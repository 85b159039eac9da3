import { resultsTable } from "../../report/results-table.js";
import { seedsJson } from "../../report/seeds/seeds-json.js";
import { seedsText } from "../../report/seeds/seeds-text.js";
import { rewriteReport } from "../../run/run-recipe.js";
import { withHub } from "./hub-access.js";
import { locateRun, type RunArguments } from "./locate-run.js";

export interface ReportCommandOptions extends RunArguments {
  readonly json: boolean;
  readonly quiet: boolean;
}

export async function reportCommand(path: string, options: ReportCommandOptions): Promise<void> {
  const { recipe, store, folder } = await locateRun(path, options);
  const { facts, seeds, report } = await withHub((hub) => rewriteReport(recipe, { store, hub }, folder));
  if (options.json) {
    const json = seeds === null ? { facts, report } : { ...seedsJson(seeds), report };
    process.stdout.write(`${JSON.stringify(json)}\n`);
  } else if (!options.quiet) {
    const table = facts === null ? "" : resultsTable(facts);
    process.stdout.write(`${seeds === null ? table : seedsText(seeds)}\n\nReport: ${report.html}\n`);
  }
}
