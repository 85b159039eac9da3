import { hashValue } from "../files/hash.js";
import { withoutPaths } from "../run/sources/source-file.js";

/** The kinds of jobs with the version of their code: a change of what a kind writes raises its number. */
export const jobVersions = { tokenizer: 2, tokenize: 5, shards: 3, start: 2, train: 3, merge: 2, evaluate: 3 } as const;
export type JobKind = keyof typeof jobVersions;

/** A folder or file inside another job's folder. */
export interface JobInput {
  readonly job: string;
  readonly path: string;
}

/**
 * A pure function from files to files. Its id is the hash of all it depends on, so equal work has one folder and is done
 * once, whichever strategy or recipe asks for it.
 */
export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  /** For people; not part of the identity. */
  readonly title: string;
  /** Plain JSON: all that the result depends on beside the inputs. */
  readonly parameters: unknown;
  readonly inputs: Readonly<Record<string, JobInput>>;
  /** Plain JSON that the work may use but its result does not depend on. */
  readonly options?: unknown;
  /** Expected work in FLOPs, for the order of progress only. */
  readonly work: number;
  /** May use all threads of the machine because nothing is compared with its duration. */
  readonly wholeMachine: boolean;
}

/** Machine-dependent settings of an execution: they do not change the bytes of the result. */
export interface Execution {
  readonly device: "auto" | "native" | "reference";
  readonly threads: number;
}

export function createJob(job: Omit<Job, "id">): Job {
  const { kind, parameters, inputs } = job;
  const hash = hashValue({ kind, version: jobVersions[kind], parameters: withoutPaths(parameters), inputs });
  return { ...job, id: `${kind}-${hash.slice(0, 16)}` };
}

export function dependenciesOf(job: Job): string[] {
  return [...new Set(Object.values(job.inputs).map((input) => input.job))];
}
