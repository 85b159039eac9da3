import { join } from "node:path";
import { createFolder } from "../files/create-folder.js";
import { writeFileAtomic } from "../files/atomic-file.js";
import { appendJournal } from "../files/journal.js";
import type { HubAccess } from "../hub/settings.js";
import type { Executor, JobStatus, Pool } from "../jobs/executor.js";
import type { Job } from "../jobs/job.js";
import { followProgress, readDone, type Done, type JobProgress, type Store } from "../jobs/job-folder.js";
import { createLocalExecutor } from "../jobs/local/local-executor.js";
import { formatRecipe } from "../recipe/format-recipe.js";
import type { Recipe } from "../recipe/recipe.js";
import { checkAmounts } from "./checks/check-amounts.js";
import { checkDevice } from "./checks/check-device.js";
import { checkMemory } from "./checks/check-memory.js";
import { checkPlan } from "./checks/check-plan.js";
import { writePlan } from "./graph/plan-record.js";
import { repeatPruned, roundPruner } from "./graph/prune-rounds.js";
import { planRun, type RunPlan } from "./graph/run-graph.js";
import { listJobs, writeJobs } from "./graph/run-jobs.js";

/** The state of jobs that are executed together, for progress displays. */
export interface JobsState {
  /** Each once. */
  readonly jobs: readonly Job[];
  readonly statuses: ReadonlyMap<string, JobStatus>;
  /** Null unless the job is running. */
  progress(job: Job): JobProgress | null;
}

/** The state of the runs that are executed together. */
export interface RunState extends JobsState {
  /** Of the first run. */
  readonly plan: RunPlan;
  /** One per run. */
  readonly plans: readonly RunPlan[];
  /** The record of a finished job. */
  done(job: Job): Done | null;
}

/** Creates the executor of runs that are executed together. */
export type CreateExecutor = (
  runs: readonly PreparedRun[],
  onChange: (job: Job, status: JobStatus) => void,
) => Executor;

export interface RunOptions {
  readonly store: Store;
  /** Where jobs run; by default in processes on this machine, as many as `pool` says. */
  readonly executor?: CreateExecutor;
  readonly pool: Pool;
  /** Script whose command `worker` executes jobs: the command line of this package. */
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

/** What planning and checking a run needs of `RunOptions`. */
export type PlanOptions = Pick<RunOptions, "store" | "hub" | "memoryBytes">;

/** A run whose jobs can start. */
export interface PreparedRun {
  /** Models that a job of the plan still needs are kept, whether that job runs now or not. */
  readonly plan: RunPlan;
  /** Of its report and records. */
  readonly folder: string;
  /** The jobs to run: all of the plan, or some with all that they depend on. */
  readonly jobs: readonly Job[];
}

export interface Failure {
  readonly job: Job;
  readonly failure: string;
}

/** @throws StrataError for what would stop the run hours later */
export async function planAndCheck(recipe: Recipe, { store, hub, memoryBytes }: PlanOptions): Promise<RunPlan> {
  const plan = await checkPlan(await planRun(recipe, hub), store);
  if (memoryBytes !== undefined) checkMemory(plan, store, memoryBytes);
  return plan;
}

/**
 * Writes what a run's folder has from its start: recipe.yaml, jobs.json and plan.json.
 *
 * @param recipe  to write, if it is not the one that is planned
 */
export function prepareRun(plan: RunPlan, folder: string, recipe = plan.recipe): PreparedRun {
  createFolder(folder);
  writeFileAtomic(join(folder, "recipe.yaml"), formatRecipe(recipe));
  writeJobs(folder, listJobs(plan.jobs, plan.strategies));
  writePlan(folder, plan);
  return { plan, folder, jobs: plan.jobs };
}

/** Whether a job prepares data or the initial model. */
export function isDataJob({ kind }: Job): boolean {
  return ["tokenizer", "initialize", "tokenize", "shards", "search-documents"].includes(kind);
}

export function eachOnce(jobs: readonly Job[]): Job[] {
  return [...new Map(jobs.map((job) => [job.id, job])).values()];
}

/**
 * Executes the jobs of runs in one pass, a job that several of them contain once, until all are finished or none can
 * run any more. Nothing is trained before all data are ready and enough. Each run's folder gets a journal of its jobs.
 *
 * @param onRefused  makes the runs independent: it is called for a run with too few data, and the others continue, also
 *   if the data of one of them fail
 * @returns the failed jobs
 * @throws StrataError if a training needs more data than there are, without `onRefused`
 * @throws if all jobs succeeded, but one of them could not be recorded in a journal
 */
export async function executeRuns(
  runs: readonly PreparedRun[],
  options: RunOptions,
  onRefused: ((run: PreparedRun, error: unknown) => void) | null = null,
): Promise<readonly Failure[]> {
  const { store, signal } = options;
  const jobs = eachOnce(runs.flatMap((run) => run.jobs));
  if (options.executor === undefined) await checkDevice(jobs, store, options.pool.execution.device);
  const { executor, start, journalError } = watchedExecutor(runs, jobs, options);
  const failed = () =>
    jobs
      .filter(({ id }) => executor.status(id).state === "failed")
      .map((job) => ({ job, failure: executor.status(job.id).failure ?? "" }));
  const stop = () => void executor.stop();
  signal.addEventListener("abort", stop);
  try {
    // Interrupted while it was planned: the event is over.
    if (signal.aborted) {
      await executor.stop();
      return [];
    }
    for (const job of jobs) if (isDataJob(job) || readDone(store, job.id) !== null) executor.submit(job);
    start();
    await executor.finished();
    if (signal.aborted || (onRefused === null && failed().length > 0)) return failed();
    // The exact numbers of tokens are known only now.
    const accepted = runs.filter((run) => hasEnoughData(run, store, onRefused));
    for (const job of eachOnce(accepted.flatMap((run) => run.jobs))) executor.submit(job);
    await executor.finished();
  } finally {
    signal.removeEventListener("abort", stop);
  }
  const failures = failed();
  if (!signal.aborted && failures.length === 0 && journalError() !== null) throw journalError();
  return failures;
}

function hasEnoughData(
  run: PreparedRun,
  store: Store,
  onRefused: ((run: PreparedRun, error: unknown) => void) | null,
): boolean {
  try {
    checkAmounts(run.plan, store, new Map());
    return true;
  } catch (error) {
    if (onRefused === null) throw error;
    onRefused(run, error);
    return false;
  }
}

/** An executor that records every job in the journals of its runs and reports it to `onPlan` and `onChange`. */
function watchedExecutor(
  runs: readonly PreparedRun[],
  jobs: readonly Job[],
  options: RunOptions,
): { readonly executor: Executor; start(): void; journalError(): unknown } {
  const { store, onPlan, onChange } = options;
  const statuses = new Map<string, JobStatus>();
  const plans = runs.map(({ plan }) => plan);
  const state: RunState = {
    plan: plans[0],
    plans,
    jobs,
    statuses,
    progress: followProgress(store),
    done: (job) => readDone(store, job.id),
  };
  let journalError: unknown = null;
  const journals = journalsOf(runs);
  repeatPruned(store, jobs);
  const prune = roundPruner(
    store,
    listJobs(
      eachOnce([...jobs, ...plans.flatMap((plan) => plan.jobs)]),
      plans.flatMap(({ strategies }) => strategies),
    ),
  );
  const create: CreateExecutor =
    options.executor ?? ((_, watch) => createLocalExecutor(store, options.pool, options.program, watch));
  const executor = create(runs, (job, status) => {
    statuses.set(job.id, status);
    if (status.state === "done") prune(job.id);
    if (!status.reused) {
      try {
        for (const journal of journals.get(job.id) ?? []) recordStatus(journal, job, status);
      } catch (error) {
        // Jobs continue: they may use another disk, and their outputs are checked. The error is thrown at the end.
        journalError = error;
      }
    }
    onChange?.(state, job, status);
  });
  return { executor, start: () => onPlan?.(state), journalError: () => journalError };
}

/** The journals that record a job, by its id. */
function journalsOf(runs: readonly PreparedRun[]): ReadonlyMap<string, readonly string[]> {
  const journals = new Map<string, string[]>();
  for (const { folder, jobs } of runs)
    for (const { id } of jobs) journals.set(id, [...(journals.get(id) ?? []), join(folder, "journal.jsonl")]);
  return journals;
}

function recordStatus(journal: string, { id, title }: Job, { state, failure }: JobStatus): void {
  const entry = { time: new Date().toISOString(), job: id, title, state };
  // A process that was killed has no failure in its log: only the run knows how it ended.
  appendJournal(journal, failure === null ? entry : { ...entry, failure });
}
