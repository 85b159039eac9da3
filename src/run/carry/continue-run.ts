import { readDone, type Store } from "../../jobs/job-folder.js";
import { dependenciesOf, type Job } from "../../jobs/job.js";
import { executeRuns, type PreparedRun, type RunOptions } from "../execute-runs.js";
import type { RunPlan } from "../graph/run-graph.js";
import { verifyJobs, type RunResult } from "../run-recipe.js";
import { addWatcher } from "../watchers.js";
import { allParts, openParts, type NamedPart } from "./choose-parts.js";
import { readPacked } from "./packed-record.js";

export interface ContinuedRun extends RunResult {
  /** Handed out and not back yet. */
  readonly missing: readonly NamedPart[];
  /** The next parts of carried strategies that were not handed out yet. */
  readonly next: readonly NamedPart[];
}

/** The names of the strategies of which a part was handed out. */
function carriedStrategies(plan: RunPlan, folder: string): ReadonlySet<string> {
  const packed = new Set(readPacked(folder).map(({ job }) => job));
  return new Set(allParts(plan).flatMap(({ job, strategy }) => (packed.has(job.id) ? [strategy] : [])));
}

/**
 * Runs all jobs that can run here: not the trainings of strategies with parts that were handed out, and not what
 * depends on them. Once no job is left, writes the report.
 */
export async function continueRun(run: PreparedRun, options: RunOptions): Promise<ContinuedRun> {
  const { plan, folder } = run;
  const { store, signal } = options;
  const carried = carriedStrategies(plan, folder);
  const removeWatcher = addWatcher(folder);
  const here = { ...run, jobs: jobsHere(plan, store, carried) };
  const failures = await executeRuns([here], options).finally(removeWatcher);
  const state = { folder, facts: null, seeds: null, report: null, failures, ...waitingFor(run, store, carried) };
  if (signal.aborted) return { ...state, outcome: "interrupted" };
  if (failures.length > 0) return { ...state, outcome: "failed" };
  if (!isFinished(plan, store)) return { ...state, outcome: "finished" };
  await verifyJobs(store, run.jobs);
  const { makeReport } = await import("../facts/make-report.js");
  return { ...state, outcome: "finished", ...makeReport(store, plan, folder) };
}

function isFinished({ jobs }: RunPlan, store: Store): boolean {
  return jobs.every(({ id }) => readDone(store, id) !== null);
}

/** @param carried  names of strategies */
function jobsHere(plan: RunPlan, store: Store, carried: ReadonlySet<string>): Job[] {
  const away = new Set(allParts(plan).flatMap(({ job, strategy }) => (carried.has(strategy) ? [job.id] : [])));
  const excluded = new Set<string>();
  return plan.jobs.filter((job) => {
    if (readDone(store, job.id) !== null) return true;
    const waits = away.has(job.id) || dependenciesOf(job).some((id) => excluded.has(id));
    if (waits) excluded.add(job.id);
    return !waits;
  });
}

function waitingFor({ plan, folder }: PreparedRun, store: Store, carried: ReadonlySet<string>) {
  const packed = new Map(readPacked(folder).map((part) => [part.job, part]));
  const open = openParts(plan, store, {}).filter(({ job }) =>
    allParts(plan).some((part) => part.job.id === job.id && carried.has(part.strategy)),
  );
  const away = allParts(plan).filter(({ job, strategy }) => packed.get(job.id)?.strategy === strategy);
  return {
    missing: away.filter(({ job }) => readDone(store, job.id) === null),
    next: open.filter(({ job }) => !packed.has(job.id)),
  };
}
