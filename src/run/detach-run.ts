import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeJsonAtomic } from "../files/atomic-file.js";
import { readDone, type Store } from "../jobs/job-folder.js";
import { dependenciesOf, type Job } from "../jobs/job.js";
import type { Submitter } from "../jobs/slurm/submitter.js";
import type { Recipe } from "../recipe/recipe.js";
import { eachOnce, isDataJob, type PreparedRun, type RunOptions } from "./execute-runs.js";
import { checkAmounts } from "./checks/check-amounts.js";
import { repeatPruned } from "./graph/prune-rounds.js";
import { prepareRuns, runFolder } from "./run-recipe.js";
import { readText } from "../files/read-text.js";

/** Steps of a run that jobs of Slurm execute beside its jobs; `steps.json` in the run's folder. */
export interface RunSteps {
  /** Checks that there are enough data before anything is trained; null if they were checked before. */
  readonly check: string | null;
  /** Writes the report. */
  readonly report: string;
}

export interface DetachOptions extends Pick<RunOptions, "store" | "signal" | "hub"> {
  /** @param jobs  of all runs */
  readonly submitter: (runs: readonly PreparedRun[], jobs: ReadonlyMap<string, Job>) => Submitter;
  /** Called while the queue has no room. */
  readonly onFull: () => void;
}

export interface DetachedRun {
  readonly folder: string;
  /** Jobs that are not done. */
  readonly open: number;
  readonly steps: RunSteps;
}

/** Submits all unfinished jobs of a recipe and its report to Slurm. Waits only while the queue has no room. */
export async function detachRun(
  recipe: Recipe,
  options: DetachOptions,
  folder = runFolder(options.store, recipe),
): Promise<DetachedRun> {
  const { store } = options;
  const runs = await prepareRuns(recipe, options, folder);
  const jobs = eachOnce(runs.flatMap((run) => run.jobs));
  repeatPruned(store, jobs);
  const submitter = options.submitter(runs, new Map(jobs.map((job) => [job.id, job])));
  const open = jobs.filter(({ id }) => readDone(store, id) === null);
  const data = open.filter(isDataJob);
  const submit = (some: readonly Job[], after: readonly string[]) =>
    whileFull(options, async () => ((await submitter.submit(some, () => 0, after)) ? true : null));
  const previous = readSteps(folder);
  const step = (name: keyof RunSteps, args: readonly string[], after: readonly string[]) =>
    whileFull(options, () =>
      submitter.submitStep(`strata-${recipe.name}-${name}`, args, after, previous?.[name] ?? null),
    );
  await submit(data, []);
  let check: string | null = null;
  if (data.length === 0) checkData(store, runs);
  else check = await step("check", ["worker", "--check", folder], submitter.tasksOf(data));
  await submit(open, check === null ? [] : [check]);
  const report = await step("report", ["report", folder, "--verify"], submitter.tasksOf(withoutReaders(open)));
  const steps = { check, report };
  writeJsonAtomic(stepsFile(folder), steps);
  return { folder, open: open.length, steps };
}

/** Checks that data which are ready are enough for all trainings of runs. @throws StrataError */
export function checkData(store: Store, runs: readonly Pick<PreparedRun, "plan">[]): void {
  for (const { plan } of runs) checkAmounts(plan, store, new Map());
}

const stepsFile = (folder: string) => join(folder, "steps.json");

/** Null unless the run was detached. */
export function readSteps(folder: string): RunSteps | null {
  return existsSync(stepsFile(folder)) ? (JSON.parse(readText(stepsFile(folder))) as RunSteps) : null;
}

/** Jobs that no other one of them depends on: when they are done, all are. */
function withoutReaders(jobs: readonly Job[]): Job[] {
  const read = new Set(jobs.flatMap(dependenciesOf));
  return jobs.filter(({ id }) => !read.has(id));
}

/** Repeats an action until the queue has room for it. */
async function whileFull<T>({ signal, onFull }: DetachOptions, action: () => Promise<T | null>): Promise<T> {
  for (let isFirst = true; ; isFirst = false) {
    const result = await action();
    if (result !== null) return result;
    if (isFirst) onFull();
    await new Promise((resolve) => setTimeout(resolve, 5000));
    signal.throwIfAborted();
  }
}
