import { join } from "node:path";
import { createFolder } from "../files/create-folder.js";
import { writeFileAtomic } from "../files/atomic-file.js";
import type { Job } from "../jobs/job.js";
import { readDone, verifyOutputs, type Store } from "../jobs/job-folder.js";
import { formatRecipe } from "../recipe/format-recipe.js";
import type { Recipe } from "../recipe/recipe.js";
import { seedRecipes } from "../recipe/seed-recipes.js";
import type { ReportFacts } from "../report/facts.js";
import type { SeedsFacts } from "../report/seeds/summary.js";
import type { WrittenReport } from "../report/write-report.js";
import {
  eachOnce,
  executeRuns,
  planAndCheck,
  prepareRun,
  type Failure,
  type PlanOptions,
  type PreparedRun,
  type RunOptions,
} from "./execute-runs.js";
import type { FinishedRun } from "./facts/make-report.js";
import { runFolder } from "./run-folder.js";
import { unlessAborted } from "./unless-aborted.js";
import { addWatcher } from "./watchers.js";
import { planRun, type RunPlan } from "./graph/run-graph.js";
import { listJobs, writeJobs } from "./graph/run-jobs.js";

export interface RunResult {
  /** `interrupted`: stopped by the signal; the next run continues. */
  readonly outcome: "finished" | "failed" | "interrupted";
  readonly failures: readonly Failure[];
  readonly folder: string;
  /** Null unless finished, and for a recipe with `seeds`. */
  readonly facts: ReportFacts | null;
  /** Of a finished recipe with `seeds`. */
  readonly seeds: SeedsFacts | null;
  readonly report: WrittenReport | null;
}

/**
 * Runs the unfinished jobs of a recipe, those of all its seeds together, and writes the report.
 *
 * @param folder  of the report and records
 */
export async function runRecipe(
  recipe: Recipe,
  options: RunOptions,
  folder = runFolder(options.store, recipe),
): Promise<RunResult> {
  const { store, signal } = options;
  const none = { failures: [], folder, facts: null, seeds: null, report: null };
  createFolder(folder);
  const runs = await unlessAborted(prepareRuns(recipe, options, folder), signal);
  if (runs === null) return { ...none, outcome: "interrupted" };
  const removeWatcher = addWatcher(folder);
  const failures = await executeRuns(runs, options).finally(removeWatcher);
  if (signal.aborted) return { ...none, outcome: "interrupted", failures };
  if (failures.length > 0) return { ...none, outcome: "failed", failures };
  await verifyJobs(
    store,
    runs.flatMap((run) => run.jobs),
  );
  return { ...none, outcome: "finished", failures, ...(await writeReportOf(recipe, store, runs, folder)) };
}

/**
 * Verifies what all jobs have written: no job of this run may have read it. Outputs that this host has hashed before
 * are only looked at.
 *
 * @throws StrataError naming a damaged file
 */
export async function verifyJobs(store: Store, jobs: readonly Job[]): Promise<void> {
  for (const { id } of eachOnce(jobs)) if (readDone(store, id)?.pruned !== true) await verifyOutputs(store, id, ".");
}

/**
 * Writes the report of a finished recipe again.
 *
 * @param verify  whether to verify the outputs of all jobs first
 * @throws StrataError if a job is not finished
 */
export async function rewriteReport(
  recipe: Recipe,
  { store, hub }: Pick<RunOptions, "store" | "hub">,
  folder: string,
  verify: boolean,
): Promise<Pick<RunResult, "facts" | "seeds"> & { readonly report: WrittenReport }> {
  const runs: FinishedRun[] = [];
  for (const { recipe: one, folder: name } of seedRecipes(recipe) ?? [{ recipe, folder: "" }])
    runs.push({ plan: await planRun(one, hub), folder: join(folder, name) });
  if (verify)
    await verifyJobs(
      store,
      runs.flatMap(({ plan }) => plan.jobs),
    );
  return { facts: null, seeds: null, ...(await writeReportOf(recipe, store, runs, folder)) };
}

/** Loads what writes reports only when a run has finished: many runs end earlier, and their start is shorter. */
async function writeReportOf(recipe: Recipe, store: Store, runs: readonly FinishedRun[], folder: string) {
  const { makeReport, makeSeedsReport } = await import("./facts/make-report.js");
  return recipe.seeds ? makeSeedsReport(store, recipe.name, runs, folder) : makeReport(store, runs[0].plan, folder);
}

/** Plans and checks all runs of a recipe before it writes anything. */
export async function prepareRuns(recipe: Recipe, options: PlanOptions, folder: string): Promise<PreparedRun[]> {
  const seeds = seedRecipes(recipe);
  if (seeds === null) return [prepareRun(await planAndCheck(recipe, options), folder)];
  const plans: RunPlan[] = [];
  let pinned = recipe;
  for (const i of seeds.keys()) {
    const [seed] = seedRecipes(pinned)?.slice(i) ?? [];
    plans.push(await planAndCheck(seed.recipe, options));
    if (i === 0) pinned = pinnedAs(recipe, plans[0].recipe);
  }
  writeFileAtomic(join(folder, "recipe.yaml"), formatRecipe(pinned));
  const all = eachOnce(plans.flatMap(({ jobs }) => jobs));
  writeJobs(
    folder,
    listJobs(
      all,
      plans.flatMap(({ strategies }) => strategies),
    ),
  );
  return plans.map((plan, i) => prepareRun(plan, join(folder, seeds[i].folder)));
}

/** A recipe with `seeds` whose sources on the hub are pinned as in the recipe of its first seed. */
function pinnedAs(recipe: Recipe, { model, tokenizer, data }: Recipe): Recipe {
  const pinned = Object.entries(recipe.data).map(([name, set]) => [name, "hf" in set ? data[name] : set] as const);
  return { ...recipe, model, tokenizer, data: Object.fromEntries(pinned) };
}
