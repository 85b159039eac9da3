import { existsSync } from "node:fs";
import { join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";
import { readDone, type Store } from "../../jobs/job-folder.js";
import { isMapping, valueAt } from "../../recipe/errors/issue.js";
import { parseYaml } from "../../recipe/text/document.js";
import type { ReportFacts } from "../../report/facts.js";
import { readText } from "../../files/read-text.js";
import { readJobs } from "../../run/graph/run-jobs.js";

/** A run with its recipe and the facts of its report. */
export interface FinishedRun {
  readonly name: string;
  /** With every default, as plain data. */
  readonly recipe: Readonly<Record<string, unknown>>;
  /** One per seed. */
  readonly runs: readonly ReportFacts[];
}

/**
 * Reads the records of a finished run; nothing is planned or downloaded.
 *
 * @param folder  of the run's report
 * @throws StrataError if a job is not finished or the report is missing
 */
export function readFinishedRun(store: Store, folder: string): FinishedRun {
  const path = join(folder, "recipe.yaml");
  if (!existsSync(path)) throw unfinished(folder, "no run of this recipe");
  const recipe = parseYaml(readText(path), path).document?.value;
  if (!isMapping(recipe)) throw unfinished(folder, "a damaged recipe.yaml");
  const seeds = valueAt(recipe, ["seeds"]);
  const folders = Array.isArray(seeds) ? seeds.map((seed) => join(folder, `seed-${String(seed)}`)) : [folder];
  return { name: String(recipe.name), recipe, runs: folders.map((one) => readFacts(store, one)) };
}

function readFacts(store: Store, folder: string): ReportFacts {
  if (!existsSync(join(folder, "jobs.json"))) throw unfinished(folder, "no jobs");
  const jobs = readJobs(folder);
  const open = jobs.filter(({ id }) => readDone(store, id) === null);
  if (open.length > 0) throw unfinished(folder, `${open.length} of ${jobs.length} jobs that are not done`);
  const facts = readLedger(join(folder, "ledger.json"));
  if (facts === null) throw unfinished(folder, "no report");
  if (facts.strategies.some((strategy) => !("exchanges" in strategy))) throw outdated(folder);
  return facts;
}

function outdated(folder: string): StrataError {
  return new StrataError("ReportError", {
    where: join(folder, "ledger.json"),
    expected: "the facts of this version",
    got: "those of an earlier one",
    hint: `Write the report again: \`strata report ${folder}\`.`,
  });
}

/** Null without the file, or if it is damaged: `strata report` writes it again. */
function readLedger(path: string): ReportFacts | null {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readText(path)) as ReportFacts;
  } catch {
    return null;
  }
}

function unfinished(folder: string, got: string): StrataError {
  return new StrataError("ReportError", {
    where: folder,
    expected: "a finished run",
    got,
    hint: "Run `strata run` with its recipe first; it continues where it stopped.",
  });
}
