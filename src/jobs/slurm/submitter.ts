import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createFolder } from "../../files/create-folder.js";
import { writeFileAtomic, writeJsonAtomic } from "../../files/atomic-file.js";
import { takeLease } from "../../files/lease.js";
import type { Execution, Job } from "../job.js";
import { readDone, readProgress, writeJob, type Store } from "../job-folder.js";
import { arrayGroups, type ArrayGroup } from "./array-groups.js";
import { neverStarts, readQueue, type QueuedTask } from "./queue.js";
import {
  afterAll,
  arrayScript,
  sbatchArguments,
  scriptFile,
  scriptName,
  slurmFolder,
  stepScript,
  tasksFile,
  type ArrayTasks,
  type SlurmProgram,
  type SubmissionArguments,
} from "./script.js";
import { requestOf, type JobNeeds, type JobRequest, type SlurmSettings } from "./settings.js";
import { askSlurm, mayPass, slurmError } from "./slurm-commands.js";
import { readSubmission, removeFailure, writeSubmission, type Submission } from "./submissions.js";

/** How the jobs of runs become jobs of Slurm. */
export interface SlurmOptions {
  readonly settings: SlurmSettings;
  readonly program: SlurmProgram;
  readonly execution: Execution;
  /** Of the runs, for names. */
  readonly name: string;
  /** Folders of the runs. */
  readonly runs: readonly string[];
  readonly needs: (job: Job) => JobNeeds;
  /** Tasks of an array, at most. */
  readonly maxTasks: number;
  /** Time limit of the partition; Infinity for none. */
  readonly maxSeconds: number;
}

/** An array that could be submitted. */
export interface PlannedArray extends ArrayGroup {
  readonly name: string;
  readonly request: JobRequest;
  readonly script: string;
}

/** The arrays of jobs, each after those that it waits for. @param isOpen  whether a job is not done */
export function planArrays(
  store: Store,
  { settings, program, execution, name, needs, maxTasks, maxSeconds }: SlurmOptions,
  jobs: readonly Job[],
  all: ReadonlyMap<string, Job>,
  isOpen: (id: string) => boolean,
): PlannedArray[] {
  const request = (job: Job) => requestOf(settings, needs(job), execution.threads, maxSeconds);
  const groups = arrayGroups(jobs, all, isOpen, (job) => JSON.stringify(request(job)), maxTasks);
  return groups.map((group) => {
    const own = scriptName(store, name, group.jobs);
    const asked = request(group.jobs[0]);
    return { ...group, name: own, request: asked, script: arrayScript(store, own, settings, asked, program) };
  });
}

/** What came of submitting jobs. */
export interface SubmittedJobs {
  /** The tasks of the jobs that were submitted, or are in the queue already, by the id of the job. */
  readonly tasks: ReadonlyMap<string, string>;
  /** Whether the queue has no room now: the other jobs are not submitted. */
  readonly isFull: boolean;
}

export interface Submitter {
  /**
   * Submits jobs that are not in the queue, with all that they wait for submitted before.
   *
   * @param losses  of a job, see `Submission`
   * @param after   further jobs of Slurm that must end well first
   * @throws StrataError if Slurm refuses a job
   * @throws the reason of the signal: some jobs are not submitted
   */
  submit(jobs: readonly Job[], losses: (job: Job) => number, after?: readonly string[]): Promise<SubmittedJobs>;
  /** The tasks of jobs that are submitted. */
  tasksOf(jobs: readonly Job[]): string[];
  /**
   * Submits a command of the program.
   *
   * @param previous  its job of before, which waits for `after` from now on if it has not started
   * @returns its job; null if the queue has no room now
   * @throws the reason of the signal
   */
  submitStep(
    name: string,
    args: readonly string[],
    after: readonly string[],
    previous: string | null,
  ): Promise<string | null>;
}

/**
 * @param all     the jobs that may be submitted and those that they depend on
 * @param signal  ends waiting and submitting; what is submitted stays
 */
export function createSubmitter(
  store: Store,
  options: SlurmOptions,
  all: ReadonlyMap<string, Job>,
  signal: AbortSignal,
): Submitter {
  const { settings, execution, runs } = options;
  const isOpen = (id: string) => readDone(store, id) === null;

  /** The tasks that a group waits for. */
  const dependencies = ({ after }: ArrayGroup) => after.map((id) => readSubmission(store, id)?.task ?? "");

  const submitArray = async (
    array: PlannedArray,
    queue: ReadonlyMap<string, QueuedTask>,
    losses: (job: Job) => number,
    after: readonly string[],
  ): Promise<boolean> => {
    const { name, jobs } = array;
    const tasks: ArrayTasks = { store: resolve(store.folder), jobs: jobs.map(({ id }) => id), execution, runs };
    writeFileAtomic(scriptFile(store, name), array.script);
    writeJsonAtomic(tasksFile(store, name), tasks);
    for (const job of jobs) writeJob(store, job);
    const adopted = [...queue.values()].find((task) => task.name === name && willRun(task));
    const numbers = jobs.map((_, i) => i);
    const id =
      adopted?.id.split("_")[0] ??
      (await sbatch(settings, { tasks: numbers, after: [...dependencies(array), ...after] }, scriptFile(store, name)));
    if (id === null) return false;
    const user = userInfo().username;
    for (const [i, job] of jobs.entries())
      record(store, job, { task: `${id}_${i}`, user, script: name, index: i, losses: losses(job) });
    return true;
  };

  return {
    async submit(jobs, losses, after = []) {
      createFolder(slurmFolder(store));
      // Two watchers of a run must not submit the same job.
      const lease = await takeLease(join(slurmFolder(store), "lock"), () => {}, signal);
      try {
        const ids = jobs.map(({ id }) => id).filter(isOpen);
        const queue = await readQueuePatiently(store, ids, signal);
        const queued = new Set(ids.filter((id) => isQueued(store, id, queue)));
        const open = jobs.filter(({ id }) => isOpen(id) && !queued.has(id));
        const submitted = [...queued];
        let isFull = false;
        for (const array of planArrays(store, options, open, all, isOpen)) {
          signal.throwIfAborted();
          lease.check();
          isFull = !(await submitArray(array, queue, losses, after));
          if (isFull) break;
          submitted.push(...array.jobs.map(({ id }) => id));
        }
        return { isFull, tasks: new Map(submitted.map((id) => [id, readSubmission(store, id)?.task ?? ""])) };
      } finally {
        lease.release();
      }
    },
    tasksOf: (jobs) => jobs.flatMap(({ id }) => readSubmission(store, id)?.task ?? []),
    async submitStep(name, args, after, previous) {
      const before = previous === null ? undefined : (await readQueuePatiently(store, [], signal)).get(previous);
      signal.throwIfAborted();
      if (before?.name === name && (await waitsFor(before, after))) return before.id;
      const file = scriptFile(store, name);
      createFolder(slurmFolder(store));
      writeFileAtomic(file, stepScript(store, name, settings, options.program, args));
      return sbatch(settings, { tasks: [], after }, file);
    },
  };
}

/** Lets a step that was submitted before wait for other tasks. @returns false if another job must execute it */
async function waitsFor(step: QueuedTask, after: readonly string[]): Promise<boolean> {
  // One that runs has begun without what is not done yet.
  if (step.phase === "running") return after.length === 0;
  if (!willRun(step)) return false;
  return !(await askSlurm("scontrol", ["update", `JobId=${step.id}`, `Dependency=${afterAll(after)}`])).failed;
}

/** Slurm ends a task soon after what it waits for has failed. */
const willRun = (task: QueuedTask) => task.phase !== "ended" && !neverStarts(task);

/** Whether a job has a task that has not ended: perhaps another watcher has just submitted it. */
function isQueued(store: Store, id: string, queue: ReadonlyMap<string, QueuedTask>): boolean {
  const submission = readSubmission(store, id);
  if (submission === null) return false;
  const task = queue.get(submission.task);
  return task !== undefined && willRun(task);
}

function record(store: Store, { id }: Job, submission: Omit<Submission, "progress">): void {
  removeFailure(store, id);
  writeSubmission(store, id, { ...submission, progress: readProgress(store, id)?.done ?? 0 });
}

/** @returns the job's number; null if it may be accepted later */
async function sbatch(settings: SlurmSettings, submission: SubmissionArguments, file: string): Promise<string | null> {
  const { out, err, failed } = await askSlurm("sbatch", [...sbatchArguments(submission, settings), file]);
  if (failed && mayPass(err)) return null;
  const [id] = /^\d+/m.exec(out) ?? [];
  if (failed || id === undefined) throw slurmError("sbatch", "accept a job", err || out);
  return id;
}

/** The tasks of the user as Slurm has them now; waits while Slurm does not answer. */
async function readQueuePatiently(
  store: Store,
  jobs: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, QueuedTask>> {
  for (;;) {
    const queue = await readQueue(store, jobs, signal);
    if (queue !== null) return queue;
    await sleep(2000, undefined, { signal });
  }
}
