import { join } from "node:path";
import { resultsTable } from "../../../report/results-table.js";
import { seedsJson } from "../../../report/seeds/seeds-json.js";
import { seedsText } from "../../../report/seeds/seeds-text.js";
import { reportSummary } from "../../../report/summary.js";
import { rewriteReport, type RunResult } from "../../../run/run-recipe.js";
import { findChromium } from "../../environment/find-chromium.js";
import { interruption } from "../../environment/interruption.js";
import { exitCodes } from "../../exit-codes.js";
import { withHub } from "../hub-access.js";
import { locateRun, type RunArguments } from "./locate-run.js";
import { printPdf } from "./print-pdf.js";

export interface ReportCommandOptions extends RunArguments {
  readonly verify: boolean;
  /** A file; true for the default, and absent for none. */
  readonly pdf?: string | true;
  readonly json: boolean;
  readonly quiet: boolean;
}

export async function reportCommand(path: string, options: ReportCommandOptions): Promise<void> {
  const { pdf = null } = options;
  const chromium = pdf === null ? null : findChromium(process.env);
  const { recipe, store, folder } = await locateRun(path, options);
  const result = await withHub((hub) => rewriteReport(recipe, { store, hub }, folder, options.verify));
  const written = [`Report: ${result.report.html}`];
  if (chromium !== null) {
    const file = typeof pdf === "string" ? pdf : join(folder, "report.pdf");
    if (!(await printUnlessInterrupted(result.report.html, file, chromium))) return;
    written.push(`PDF: ${file}`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(resultsJson(result))}\n`);
  else if (!options.quiet) process.stdout.write(`${resultsText(result)}\n\n${written.join("\n")}\n`);
}

/** Returns whether the PDF is written. */
async function printUnlessInterrupted(page: string, file: string, chromium: string): Promise<boolean> {
  const signal = interruption();
  try {
    await printPdf(page, file, { chromium, signal });
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    process.stderr.write("Interrupted.\n");
    process.exitCode = exitCodes.interrupted;
    return false;
  }
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
