import type { DeviceName } from "../device/devices.js";
import type { Instructions } from "../device/instructions.js";
import { hashValue } from "../files/hash.js";
import { withoutPaths } from "./source-file.js";

/** A folder or file inside another job's folder. */
export interface JobInput {
  readonly job: string;
  readonly path: string;
}

/**
 * A pure function from files to files. Its id is the hash of everything that its output depends on, so equal jobs share
 * one folder and run once, for all strategies and recipes.
 */
export interface Job {
  readonly id: string;
  /** A key of the `kinds` that `executeJob` is given. */
  readonly kind: string;
  /** For display; not part of the id. */
  readonly title: string;
  /** Plain JSON: everything other than the inputs that the output depends on. */
  readonly parameters: unknown;
  readonly inputs: Readonly<Record<string, JobInput>>;
  /** Plain JSON that the job may use but that does not affect its output. */
  readonly options?: unknown;
  /** Expected floating-point operations, for the progress and the time estimate. */
  readonly flops: number;
  /** Runs alone, with all threads: its duration is not compared with that of other jobs. */
  readonly exclusive: boolean;
}

/** Machine-dependent settings. They are not part of a job's id. */
export interface Execution {
  readonly device: DeviceName;
  /** By which the cpu device multiplies: machines with the same ones give the same bytes. */
  readonly instructions: Instructions;
  readonly threads: number;
}

/** @param version  the kind's version, see `JobKind` */
export function identifyJob(job: Omit<Job, "id">, version: number): Job {
  const { kind, parameters, inputs } = job;
  const hash = hashValue({ kind, version, parameters: withoutPaths(parameters), inputs });
  return { ...job, id: `${kind}-${hash.slice(0, 16)}` };
}

/** The jobs with those that another one depends on before it, otherwise in their order. */
export function inOrder(jobs: readonly Job[]): Job[] {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const ordered = new Map<string, Job>();
  const add = (job: Job) => {
    if (ordered.has(job.id)) return;
    for (const id of dependenciesOf(job)) {
      const dependency = byId.get(id);
      if (dependency) add(dependency);
    }
    ordered.set(job.id, job);
  };
  for (const job of jobs) add(job);
  return [...ordered.values()];
}

export function dependenciesOf(job: Job): string[] {
  return [...new Set(Object.values(job.inputs).map((input) => input.job))];
}
