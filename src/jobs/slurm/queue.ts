import { userInfo } from "node:os";
import type { Store } from "../job-folder.js";
import { askSlurm, mayPass, slurmError } from "./slurm-commands.js";
import { readSubmission } from "./submissions.js";

/** One task of an array in Slurm's queue. */
export interface QueuedTask {
  /** `JOB_TASK` */
  readonly id: string;
  /** Of the array, see `scriptName`. */
  readonly name: string;
  readonly phase: "pending" | "running" | "ended";
  /** Slurm's name, such as `NODE_FAIL`. */
  readonly state: string;
  /** Why it is pending or ended. */
  readonly reason: string;
  readonly node: string;
}

const pending = new Set(["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT"]);
const running = new Set(["RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING"]);

/**
 * All tasks of this user and of those who submitted jobs, by id; ended ones as long as Slurm remembers them.
 *
 * @param jobs  ids of jobs of the store
 * @returns null if Slurm does not answer now
 * @throws StrataError if it refuses
 * @throws the reason of the signal
 */
export async function readQueue(
  store: Store,
  jobs: Iterable<string>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, QueuedTask> | null> {
  // Text: the members of `--json` change with Slurm's version.
  const format = "%i|%T|%r|%N|%j";
  const users = new Set([userInfo().username]);
  for (const id of jobs) users.add(readSubmission(store, id)?.user ?? userInfo().username);
  const args = ["-h", "-r", "-a", "-t", "all", "-u", [...users].join(), "-o", format];
  const { out, err, failed } = await askSlurm("squeue", args, signal);
  if (failed && mayPass(err)) return null;
  if (failed) throw slurmError("squeue", "list the jobs", err);
  const tasks = out.split("\n").filter((line) => line !== "");
  return new Map(tasks.map(parseTask).map((task) => [task.id, task]));
}

function parseTask(line: string): QueuedTask {
  const [id, state, reason, node, name] = line.split("|");
  const phase = pending.has(state) ? "pending" : running.has(state) ? "running" : "ended";
  return { id, name, phase, state, reason, node };
}

/** Whether a pending task waits for one that did not end well. */
export function neverStarts({ phase, reason }: QueuedTask): boolean {
  return phase === "pending" && reason === "DependencyNeverSatisfied";
}

/** What became of a task that ended without its job being done or having reported a failure. */
export type TaskEnd =
  /** Its node, its time or its place was taken: it continues from its checkpoint elsewhere. */
  | "lost"
  /** A job that it depends on did not end well. */
  | "dependency"
  | "failed";

/** @param task  undefined if Slurm does not know it any more */
export function taskEnd(task: QueuedTask | undefined): TaskEnd {
  if (task === undefined) return "lost";
  if (/Dependency/.test(task.reason)) return "dependency";
  const isLaunched = !/Launch|System|Node/.test(task.reason);
  return lost.has(task.state) || (task.state === "FAILED" && !isLaunched) ? "lost" : "failed";
}

/** A completed one has a record that a shared disk does not show yet: the job is submitted again and finds it. */
const lost = new Set(["NODE_FAIL", "BOOT_FAIL", "PREEMPTED", "TIMEOUT", "DEADLINE", "REVOKED", "COMPLETED"]);

/** The reason of a failure, for users. */
export function describeEnd(task: QueuedTask): string {
  if (task.state === "OUT_OF_MEMORY") return "out of memory: raise machine.executor.slurm.memory";
  if (task.state === "CANCELLED") return "cancelled in Slurm (scancel)";
  return `${task.state} in Slurm${task.reason === "None" ? "" : ` (${task.reason})`}`;
}
