import { join, resolve } from "node:path";
import { hashValue } from "../../files/hash.js";
import { quoteShell } from "../../text/quote-shell.js";
import type { Execution, Job } from "../job.js";
import type { Store } from "../job-folder.js";
import { parseTime, type JobRequest, type SlurmSettings } from "./settings.js";

/** How jobs are started on a node; paths must mean the same on all nodes. */
export interface SlurmProgram {
  /** Of Node; `node` in PATH is used on nodes without it. */
  readonly node: string;
  /** Script whose command `worker --tasks FILE` executes a task. */
  readonly main: string;
  readonly cwd: string;
}

/** The jobs of an array by task number, and how each is executed. */
export interface ArrayTasks {
  /** Absolute. */
  readonly store: string;
  readonly jobs: readonly string[];
  readonly execution: Execution;
  /** Folders of the runs that the jobs belong to. */
  readonly runs: readonly string[];
}

/** The name of an array: equal arrays of one store have equal names. */
export function scriptName(store: Store, run: string, jobs: readonly Job[]): string {
  const hash = hashValue([resolve(store.folder), ...jobs.map(({ id }) => id)]);
  return `strata-${run}-${hash.slice(0, 12)}`;
}

/** Of scripts, their lists of jobs and their output. */
export const slurmFolder = (store: Store) => join(resolve(store.folder), "slurm");
export const scriptFile = (store: Store, name: string) => join(slurmFolder(store), `${name}.sbatch`);
export const tasksFile = (store: Store, name: string) => join(slurmFolder(store), `${name}.json`);
/** What a task printed, also before the program began. @param task  its number in the array */
export const outputFile = (store: Store, name: string, task: number | "%a") =>
  join(slurmFolder(store), `${name}.${task}.out`);
/** The same of a step. @param job  its number */
export const stepOutputFile = (store: Store, name: string, job: string) =>
  join(slurmFolder(store), `${name}.${job}.out`);

/** What sbatch is given beside the script, for each submission of it. */
export interface SubmissionArguments {
  /** Task numbers; empty for a script that is no array. */
  readonly tasks: readonly number[];
  /** `JOB` or `JOB_TASK` of what must end well first. */
  readonly after: readonly string[];
}

export function sbatchArguments({ tasks, after }: SubmissionArguments, { array }: SlurmSettings): string[] {
  const limit = array === undefined ? "" : `%${array}`;
  return [
    "--parsable",
    ...(tasks.length > 0 ? [`--array=${formatTasks(tasks)}${limit}`] : []),
    ...(after.length > 0 ? [`--dependency=${afterAll(after)}`] : []),
  ];
}

/** As a dependency of Slurm; empty for none. */
export function afterAll(tasks: readonly string[]): string {
  return tasks.length === 0 ? "" : `afterok:${tasks.join(":")}`;
}

/** Ascending numbers as ranges: `0-3,7`. */
function formatTasks(tasks: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const task of tasks) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === task - 1) last[1] = task;
    else ranges.push([task, task]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(",");
}

/** Seconds before the limit: two minutes, or half of a shorter limit. */
function signalSeconds({ signalSeconds: chosen }: SlurmSettings, { time }: JobRequest): number {
  return chosen ?? Math.min(120, Math.floor((parseTime(time) ?? Infinity) / 2));
}

/** The script of an array. A job gets SIGUSR1 before its time limit, writes a checkpoint and is queued again. */
export function arrayScript(
  store: Store,
  name: string,
  settings: SlurmSettings,
  request: JobRequest,
  program: SlurmProgram,
): string {
  const options = {
    "job-name": name,
    output: outputFile(store, name, "%a"),
    "open-mode": "append",
    chdir: program.cwd,
    ntasks: 1,
    "cpus-per-task": request.cpus,
    mem: request.memory,
    time: request.time,
    ...passedThrough(settings),
    requeue: null,
    signal: `B:USR1@${signalSeconds(settings, request)}`,
    "kill-on-invalid-dep": "yes",
  };
  return script(options, settings, program, ["worker", "--tasks", tasksFile(store, name)]);
}

/** The script of a step of the run itself, such as its report. @param args  of the program */
export function stepScript(
  store: Store,
  name: string,
  settings: SlurmSettings,
  program: SlurmProgram,
  args: readonly string[],
): string {
  const options = {
    "job-name": name,
    output: stepOutputFile(store, name, "%j"),
    "open-mode": "append",
    chdir: program.cwd,
    ntasks: 1,
    "cpus-per-task": 1,
    mem: "1000M",
    time: settings.time ?? "00:30:00",
    ...passedThrough(settings),
    requeue: null,
    "kill-on-invalid-dep": "yes",
  };
  return script(options, settings, program, args);
}

/** @param options  of sbatch; null for one without a value */
function script(
  options: Readonly<Record<string, string | number | null>>,
  { options: further = [], prelude = [] }: SlurmSettings,
  { node, main }: SlurmProgram,
  args: readonly string[],
): string {
  const spaced = (value: string | number) => (/\s/.test(String(value)) ? `"${value}"` : value);
  const written = Object.entries(options).map(([key, value]) => `--${key}${value === null ? "" : `=${spaced(value)}`}`);
  const lines = [
    "#!/bin/bash",
    ...[...written, ...further].map((option) => `#SBATCH ${option}`),
    ...prelude,
    `NODE=${quoteShell(node)}; [ -x "$NODE" ] || NODE=node`,
    `exec "$NODE" --expose-gc ${[main, ...args].map(quoteShell).join(" ")}`,
  ];
  return `${lines.join("\n")}\n`;
}

function passedThrough(settings: SlurmSettings): Readonly<Record<string, string>> {
  const keys = [
    "partition",
    "account",
    "qos",
    "reservation",
    "constraint",
    "gres",
    "nodelist",
    "exclude",
    "tmp",
  ] as const;
  return Object.fromEntries(keys.flatMap((key) => (settings[key] === undefined ? [] : [[key, settings[key]]])));
}
