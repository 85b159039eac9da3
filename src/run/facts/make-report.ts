import { join } from "node:path";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import type { Store } from "../../jobs/job-folder.js";
import { seedsJson } from "../../report/seeds/seeds-json.js";
import type { SeedsFacts } from "../../report/seeds/summary.js";
import { writeSeedsReport } from "../../report/seeds/write-seeds-report.js";
import { writeReport, type WrittenReport } from "../../report/write-report.js";
import type { PreparedRun } from "../execute-runs.js";
import type { RunPlan } from "../graph/run-graph.js";
import { runFolder } from "../run-folder.js";
import { reportFacts } from "./report-facts.js";

/** A run whose jobs are all finished. */
export type FinishedRun = Pick<PreparedRun, "plan" | "folder">;

/** Writes the report of a run whose jobs are all finished. */
export function makeReport(store: Store, plan: RunPlan, folder = runFolder(store, plan.recipe)) {
  const facts = reportFacts(store, plan);
  writeJsonAtomic(join(folder, "ledger.json"), facts);
  return { facts, report: writeReport(folder, facts) };
}

/**
 * Writes the report of each seed, then the combined one.
 *
 * @param name  of the recipe with `seeds`
 * @param runs  of its seeds, all finished
 */
export function makeSeedsReport(
  store: Store,
  name: string,
  runs: readonly FinishedRun[],
  folder: string,
): { readonly seeds: SeedsFacts; readonly report: WrittenReport } {
  const facts = runs.map((run) => makeReport(store, run.plan, run.folder).facts);
  const seeds: SeedsFacts = { name, runs: facts };
  writeJsonAtomic(join(folder, "ledger.json"), seedsJson(seeds));
  return { seeds, report: writeSeedsReport(folder, seeds) };
}
