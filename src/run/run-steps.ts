import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeJsonAtomic } from "../files/atomic-file.js";
import { readText } from "../files/read-text.js";
import type { Store } from "../jobs/job-folder.js";
import { unreportedStepFailure } from "../jobs/job-log.js";
import { describeEnd, neverStarts, taskEnd, type QueuedTask } from "../jobs/slurm/queue.js";
import { stepOutputFile } from "../jobs/slurm/script.js";

/** Steps of a run that jobs of Slurm execute beside its jobs; `steps.json` in the run's folder. */
export interface RunSteps {
  /** Of the recipe, for the names of files. */
  readonly name: string;
  /** Checks that there are enough data before anything is trained; null if they were checked before. */
  readonly check: string | null;
  /** Writes the report; null if it could not be submitted yet. */
  readonly report: string | null;
}

export type StepName = "check" | "report";

/** `step-NAME.json` in the run's folder: how a step ended, written by the step. */
export interface StepEnd {
  /** The job of Slurm that executed it. */
  readonly job: string;
  /** Null if it succeeded. */
  readonly failure: string | null;
}

export interface StepStatus {
  readonly name: StepName;
  /** Of Slurm. */
  readonly job: string;
  /** `dropped`: it will not run, because what it waits for did not succeed; `unknown`: Slurm does not answer. */
  readonly state: "queued" | "running" | "done" | "failed" | "dropped" | "unknown";
  /** Null unless it failed. */
  readonly failure: string | null;
}

const stepsFile = (folder: string) => join(folder, "steps.json");
const endFile = (folder: string, name: StepName) => join(folder, `step-${name}.json`);

/** The name of a step's job of Slurm. @param run  the name of the recipe */
export const stepName = (run: string, name: StepName) => `strata-${run}-${name}`;

/** Null unless the run was detached. */
export const readSteps = (folder: string) => read<RunSteps>(stepsFile(folder));

export function writeSteps(folder: string, steps: RunSteps): void {
  writeJsonAtomic(stepsFile(folder), steps);
}

export function writeStepEnd(folder: string, name: StepName, end: StepEnd): void {
  writeJsonAtomic(endFile(folder, name), end);
}

/**
 * The steps of a run, from their records and Slurm's queue, which forgets ended jobs. Failures from before the run was
 * last started are left out.
 *
 * @param queue  null if Slurm does not answer
 */
export function stepStatuses(
  store: Store,
  folder: string,
  queue: ReadonlyMap<string, QueuedTask> | null,
): StepStatus[] {
  const steps = readSteps(folder);
  if (steps === null) return [];
  const isOld = statSync(join(folder, "jobs.json")).mtimeMs > statSync(stepsFile(folder)).mtimeMs;
  return (["check", "report"] as const).flatMap((name) => {
    const job = steps[name];
    if (job === null) return [];
    const end = read<StepEnd>(endFile(folder, name));
    const output = stepOutputFile(store, stepName(steps.name, name), job);
    const { state, failure } =
      end?.job === job ? recordedState(end) : queue === null ? of("unknown") : queuedState(job, queue.get(job), output);
    return isOld && (state === "failed" || state === "dropped") ? [] : [{ name, job, state, failure }];
  });
}

type StepState = Pick<StepStatus, "state" | "failure">;

const of = (state: StepStatus["state"], failure: string | null = null): StepState => ({ state, failure });

const recordedState = ({ failure }: StepEnd) => of(failure === null ? "done" : "failed", failure);

/** The state of a step that has not recorded its end: it may have ended before the program began. */
function queuedState(job: string, task: QueuedTask | undefined, output: string): StepState {
  if (task?.phase === "running") return of("running");
  // It has a record that a shared disk does not show yet.
  if (task?.state === "COMPLETED") return of("done");
  if (task?.phase === "pending") return of(neverStarts(task) ? "dropped" : "queued");
  if (task !== undefined && taskEnd(task) === "dependency") return of("dropped");
  if ((task === undefined || task.state === "CANCELLED") && !existsSync(output)) return of("dropped");
  const reason = task === undefined ? "a job that Slurm does not know any more" : describeEnd(task);
  return of("failed", unreportedStepFailure(`job ${job} of Slurm`, reason, output));
}

function read<T>(path: string): T | null {
  return existsSync(path) ? (JSON.parse(readText(path)) as T) : null;
}
