import { setTimeout as sleep } from "node:timers/promises";
import { readDone, type Store } from "../jobs/job-folder.js";
import { dependenciesOf, type Job } from "../jobs/job.js";
import type { Submitter } from "../jobs/slurm/submitter.js";
import type { Recipe } from "../recipe/recipe.js";
import { eachOnce, isDataJob, type PreparedRun, type RunOptions } from "./execute-runs.js";
import { checkAmounts } from "./checks/check-amounts.js";
import { repeatPruned } from "./graph/prune-rounds.js";
import { runFolder } from "./run-folder.js";
import { prepareRuns } from "./run-recipe.js";
import { readSteps, stepName, writeSteps, type RunSteps, type StepName } from "./run-steps.js";
import { addWatcher } from "./watchers.js";

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

/**
 * Submits all unfinished jobs of a recipe and its report to Slurm. Waits only while the queue has no room.
 *
 * @throws the reason of the signal: what was submitted by then continues
 */
export async function detachRun(
  recipe: Recipe,
  options: DetachOptions,
  folder = runFolder(options.store, recipe),
): Promise<DetachedRun> {
  const runs = await prepareRuns(recipe, options, folder);
  const removeWatcher = addWatcher(folder);
  return submitRuns(recipe.name, runs, folder, options).finally(removeWatcher);
}

async function submitRuns(
  name: string,
  runs: readonly PreparedRun[],
  folder: string,
  options: DetachOptions,
): Promise<DetachedRun> {
  const { store } = options;
  const jobs = eachOnce(runs.flatMap((run) => run.jobs));
  repeatPruned(store, jobs);
  const submitter = options.submitter(runs, new Map(jobs.map((job) => [job.id, job])));
  const open = jobs.filter(({ id }) => readDone(store, id) === null);
  const data = open.filter(isDataJob);
  const submit = (some: readonly Job[], after: readonly string[]) => {
    let left = some;
    return whileFull(options, async () => {
      const { tasks, isFull } = await submitter.submit(left, () => 0, after);
      // Each once, though some may have failed by now.
      left = left.filter(({ id }) => !tasks.has(id));
      return isFull ? null : true;
    });
  };
  const previous = readSteps(folder);
  const step = (step: StepName, after: readonly string[]) =>
    whileFull(options, () =>
      submitter.submitStep(stepName(name, step), ["worker", `--${step}`, folder], after, previous?.[step] ?? null),
    );
  await submit(data, []);
  let check: string | null = null;
  if (data.length === 0) checkData(store, runs);
  else check = await step("check", submitter.tasksOf(data));
  writeSteps(folder, { name, check, report: previous?.report ?? null });
  // Not the data jobs again, though one may have failed by now: the check waits for them.
  const others = open.filter((job) => !isDataJob(job));
  await submit(others, check === null ? [] : [check]);
  const report = await step("report", submitter.tasksOf(withoutReaders(open)));
  const steps = { name, check, report };
  writeSteps(folder, steps);
  return { folder, open: open.length, steps };
}

/** Checks that data which are ready are enough for all trainings of runs. @throws StrataError */
export function checkData(store: Store, runs: readonly Pick<PreparedRun, "plan">[]): void {
  for (const { plan } of runs) checkAmounts(plan, store, new Map());
}

/** Jobs that no other one of them depends on: when they are done, all are. */
function withoutReaders(jobs: readonly Job[]): Job[] {
  const read = new Set(jobs.flatMap(dependenciesOf));
  return jobs.filter(({ id }) => !read.has(id));
}

/** Between attempts while the queue has no room. */
const [leastPause, longestPause] = [5000, 60_000];

/** Repeats an action until the queue has room for it. */
async function whileFull<T>({ signal, onFull }: DetachOptions, action: () => Promise<T | null>): Promise<T> {
  for (let pause = leastPause; ; pause = Math.min(longestPause, 1.5 * pause)) {
    const result = await action();
    if (result !== null) return result;
    if (pause === leastPause) onFull();
    await sleep(pause, undefined, { signal });
  }
}
