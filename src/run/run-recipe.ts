import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { HubAccess } from "../hub/settings.js";
import type { Recipe } from "../recipe/recipe.js";
import { formatRecipe } from "../recipe/format-recipe.js";
import { writeReport } from "../report/write-report.js";
import type { ReportFacts } from "../report/facts.js";
import { writeFileAtomic, writeJsonAtomic } from "../files/atomic-file.js";
import { appendJournal } from "../files/journal.js";
import type { JobStatus, Pool } from "../jobs/executor.js";
import type { Job } from "../jobs/job.js";
import { readDone, readProgress, type Done, type JobProgress, type Store } from "../jobs/job-folder.js";
import { createLocalExecutor } from "../jobs/local/local-executor.js";
import { reportFacts } from "./facts/report-facts.js";
import { checkAmounts } from "./checks/check-amounts.js";
import { checkMemory } from "./checks/check-memory.js";
import { checkPlan } from "./checks/check-plan.js";
import { repeatPruned, roundPruner } from "./graph/prune-rounds.js";
import { planRun, type RunPlan } from "./graph/run-graph.js";

/** The state of a run, for progress displays. */
export interface RunState {
  readonly plan: RunPlan;
  readonly statuses: ReadonlyMap<string, JobStatus>;
  /** Null unless the job is running. */
  progress(job: Job): JobProgress | null;
  /** The record of a finished job. */
  done(job: Job): Done | null;
}

export interface RunOptions {
  readonly store: Store;
  readonly pool: Pool;
  /** Script whose command `job FOLDER` runs one job: the command line of this package. */
  readonly program: string;
  readonly signal: AbortSignal;
  /** Of this machine: a run with parts that need far more is refused. */
  readonly memoryBytes?: number;
  /** Required for recipes that name sources on the hub. */
  readonly hub?: HubAccess;
  readonly onPlan?: (state: RunState) => void;
  /** Called when a job starts or ends. */
  readonly onChange?: (state: RunState, job: Job, status: JobStatus) => void;
}

export interface RunResult {
  /** `interrupted`: stopped by the signal; the next run continues. */
  readonly outcome: "finished" | "failed" | "interrupted";
  readonly failures: readonly { readonly job: Job; readonly failure: string }[];
  readonly folder: string;
  /** Null unless finished. */
  readonly facts: ReportFacts | null;
  readonly report: { readonly html: string; readonly markdown: string; readonly csv: readonly string[] } | null;
}

/** The folder of a recipe's report and records. Job folders are shared by all recipes. */
function runFolder(store: Store, recipe: Recipe): string {
  return join(store.folder, recipe.name);
}

/** Runs the unfinished jobs of a recipe and writes the report. */
export async function runRecipe(recipe: Recipe, options: RunOptions): Promise<RunResult> {
  const { store, signal } = options;
  const folder = runFolder(store, recipe);
  const interrupted: RunResult = { outcome: "interrupted", failures: [], folder, facts: null, report: null };
  mkdirSync(folder, { recursive: true });
  const planned = await planRun(recipe, options.hub).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return null;
  });
  if (planned === null) return interrupted;
  const plan = await checkPlan(planned, store);
  if (options.memoryBytes !== undefined) checkMemory(plan, store, options.memoryBytes);
  writeFileAtomic(join(folder, "recipe.yaml"), formatRecipe(plan.recipe));
  writeJsonAtomic(
    join(folder, "jobs.json"),
    plan.jobs.map(({ id, title }) => ({ id, title })),
  );
  const failures = await runJobs(plan, options, join(folder, "journal.jsonl"));
  if (signal.aborted) return { ...interrupted, failures };
  if (failures.length > 0) return { outcome: "failed", failures, folder, facts: null, report: null };
  return { outcome: "finished", failures, folder, ...makeReport(store, plan) };
}

/** Whether a job prepares data or the initial model. */
function isDataJob({ kind }: Job): boolean {
  return ["tokenizer", "initialize", "tokenize", "shards", "search-documents"].includes(kind);
}

/**
 * Runs the jobs until all are finished or none can run any more. Nothing is trained before all data are ready and
 * enough.
 *
 * @returns the failed jobs
 * @throws StrataError if a training needs more data than there are
 * @throws if all jobs succeeded, but one of them could not be recorded in the journal
 */
async function runJobs(plan: RunPlan, options: RunOptions, journal: string): Promise<RunResult["failures"]> {
  const { store, pool, signal } = options;
  const statuses = new Map<string, JobStatus>();
  const state: RunState = {
    plan,
    statuses,
    progress: (job) => readProgress(store, job.id),
    done: (job) => readDone(store, job.id),
  };
  let journalError: unknown = null;
  repeatPruned(store, plan.jobs);
  const prune = roundPruner(store, plan.strategies, plan.jobs);
  const executor = createLocalExecutor(store, pool, options.program, (job, status) => {
    statuses.set(job.id, status);
    if (status.state === "done") prune(job);
    if (!status.reused) {
      try {
        recordStatus(journal, job, status);
      } catch (error) {
        // Jobs continue: they may use another disk, and their outputs are checked. The error is thrown at the end.
        journalError = error;
      }
    }
    options.onChange?.(state, job, status);
  });
  const failed = () =>
    plan.jobs
      .filter(({ id }) => executor.status(id).state === "failed")
      .map((job) => ({ job, failure: executor.status(job.id).failure ?? "" }));
  const stop = () => void executor.stop();
  signal.addEventListener("abort", stop);
  try {
    for (const job of plan.jobs) if (isDataJob(job) || readDone(store, job.id) !== null) executor.submit(job);
    options.onPlan?.(state);
    await executor.finished();
    if (signal.aborted || failed().length > 0) return failed();
    // The exact numbers of tokens are known only now.
    checkAmounts(plan, store, new Map());
    for (const job of plan.jobs) executor.submit(job);
    await executor.finished();
  } finally {
    signal.removeEventListener("abort", stop);
  }
  const failures = failed();
  if (!signal.aborted && failures.length === 0 && journalError !== null) throw journalError;
  return failures;
}

function recordStatus(journal: string, { id, title }: Job, { state }: JobStatus): void {
  appendJournal(journal, { time: new Date().toISOString(), job: id, title, state });
}

/** Writes the report of a run whose jobs are all finished. */
export function makeReport(store: Store, plan: RunPlan) {
  const folder = runFolder(store, plan.recipe);
  const facts = reportFacts(store, plan);
  writeJsonAtomic(join(folder, "ledger.json"), facts);
  return { facts, report: writeReport(folder, facts) };
}
