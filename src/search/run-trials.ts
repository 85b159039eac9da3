import { StrataError } from "../errors/strata-error.js";
import { readDone, type Store } from "../jobs/job-folder.js";
import type { Recipe } from "../recipe/recipe.js";
import type { ReportFacts } from "../report/facts.js";
import {
  executeRuns,
  planAndCheck,
  prepareRun,
  type Failure,
  type PreparedRun,
  type RunOptions,
} from "../run/execute-runs.js";
import { reportFacts } from "../run/facts/report-facts.js";
import { ownModels } from "./prune-models.js";
import { planRun } from "../run/graph/run-graph.js";
import { withoutCurve } from "./reduce-recipe.js";

/** A recipe to run, without a report. */
export interface Trial {
  readonly folder: string;
  /** As the values make it: written to the trial's folder. */
  readonly whole: Recipe;
  /** What runs: see `reduceRecipe`. */
  readonly reduced: Recipe;
  /** Whether the whole recipe may run later: models that it evaluates during training are kept for it. */
  readonly mayRunWhole: boolean;
}

/** The facts of a finished trial, or why there are none. */
export type Outcome = (
  | { readonly facts: ReportFacts; readonly failure: null }
  | { readonly facts: null; readonly failure: string }
) & {
  readonly cost: TrialCost;
  /** The ids of its jobs. */
  readonly jobs: readonly string[];
};

/** Seconds of a trial's trainings, merges and evaluations done before it started, by job; else 0. */
export type TrialCost = ReadonlyMap<string, number>;

/**
 * Runs trials together and reads their results from the records of the jobs. A trial that cannot be planned, or one of
 * whose jobs fails, does not stop the others.
 *
 * @param starts       make the recipes of the trials; a StrataError is the trial's failure
 * @param onPrepared  gets the jobs with models that nobody has run before
 * @returns one outcome per trial; unfinished ones are failures if the signal has stopped them
 */
export async function runTrials(
  starts: readonly (() => Promise<Trial>)[],
  options: RunOptions,
  onPrepared: (own: readonly string[]) => void,
): Promise<readonly Outcome[]> {
  const { store, signal } = options;
  const prepared = new Map<number, PreparedRun>();
  const refusals = new Map<number, string>();
  for (const [i, start] of starts.entries()) {
    try {
      prepared.set(i, await prepareTrial(await start(), options));
    } catch (error) {
      if (!(error instanceof StrataError) && !signal.aborted) throw error;
      refusals.set(i, String(error));
    }
  }
  const costs = new Map([...prepared].map(([i, run]) => [i, costOf(run, store)] as const));
  const refuse = (run: PreparedRun, error: unknown) => {
    if (!(error instanceof StrataError)) throw error;
    for (const [i, one] of prepared) if (one === run) refusals.set(i, String(error));
  };
  const runs = [...prepared.values()];
  onPrepared(
    ownModels(
      runs.flatMap(({ jobs }) => jobs),
      store,
    ),
  );
  const failures = runs.length === 0 || signal.aborted ? [] : await executeRuns(runs, options, refuse);
  return starts.map((_, i): Outcome => {
    const run = prepared.get(i);
    const failure = refusals.get(i) ?? (run ? failureOf(run, failures, store) : "not started");
    const cost = costs.get(i) ?? new Map();
    const jobs = run?.jobs.map(({ id }) => id) ?? [];
    if (run === undefined || failure !== null) return { facts: null, failure: failure ?? "not started", cost, jobs };
    return { facts: reportFacts(store, withoutCurve(run.plan)), failure: null, cost, jobs };
  });
}

async function prepareTrial({ folder, whole, reduced, mayRunWhole }: Trial, options: RunOptions): Promise<PreparedRun> {
  const plan = await planAndCheck(reduced, options);
  const trial = withoutCurve(plan);
  return { ...prepareRun(trial, folder, whole), plan: mayRunWhole ? plan : trial };
}

/** The jobs of trials that may run later; none for one that cannot be planned. */
export async function jobsOfTrials(
  starts: readonly (() => Promise<Trial>)[],
  { hub }: RunOptions,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const start of starts) {
    try {
      const { jobs } = withoutCurve(await planRun((await start()).reduced, hub));
      ids.push(...jobs.map(({ id }) => id));
    } catch (error) {
      if (!(error instanceof StrataError)) throw error;
    }
  }
  return ids;
}

function costOf({ jobs }: PreparedRun, store: Store): TrialCost {
  const counted = jobs.filter(({ kind }) => ["train", "merge", "line-search", "evaluate"].includes(kind));
  return new Map(counted.map(({ id }) => [id, readDone(store, id)?.seconds ?? 0]));
}

/** Null if all jobs of the run are done. */
function failureOf({ jobs }: PreparedRun, failures: readonly Failure[], store: Store): string | null {
  const failed = failures.find(({ job }) => jobs.some(({ id }) => id === job.id));
  if (failed) return `${failed.job.title}: ${failed.failure}`;
  const open = jobs.find(({ id }) => readDone(store, id) === null);
  return open ? `${open.title}: not finished` : null;
}
