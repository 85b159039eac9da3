import type { DeviceName } from "../device/devices.js";
import { hashValue } from "../files/hash.js";
import { withoutPaths } from "./source-file.js";

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
  /** Names one of the kinds that `executeJob` gets. */
  readonly kind: string;
  /** For people; not part of the identity. */
  readonly title: string;
  /** Plain JSON: all that the result depends on beside the inputs. */
  readonly parameters: unknown;
  readonly inputs: Readonly<Record<string, JobInput>>;
  /** Plain JSON that the work may use but its result does not depend on. */
  readonly options?: unknown;
  /** Expected work in FLOPs, for the order of progress only. */
  readonly flops: number;
  /** May use all threads of the machine because nothing is compared with its duration. */
  readonly exclusive: boolean;
}

/** Machine-dependent settings of an execution: they do not change the bytes of the result. */
export interface Execution {
  readonly device: DeviceName;
  readonly threads: number;
}

/** @param version  of the kind's code: a change of what it writes raises it */
export function identifyJob(job: Omit<Job, "id">, version: number): Job {
  const { kind, parameters, inputs } = job;
  const hash = hashValue({ kind, version, parameters: withoutPaths(parameters), inputs });
  return { ...job, id: `${kind}-${hash.slice(0, 16)}` };
}

export function dependenciesOf(job: Job): string[] {
  return [...new Set(Object.values(job.inputs).map((input) => input.job))];
}
