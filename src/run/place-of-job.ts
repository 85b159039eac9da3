import { describeWriter } from "../files/writer.js";
import { describeEnd, taskEnd } from "../jobs/slurm/queue.js";
import type { ListedStatus } from "./run-status.js";

/** Which process or node runs a job, or why Slurm does not run it; "" if nobody has it. */
export function placeOfJob({ state, task, holder }: ListedStatus): string {
  if (task !== null && state === "queued") return `${task.id}: ${task.reason}`;
  if (task !== null && state === "running") return `${task.id} on ${task.node}`;
  if (task !== null && state === "waiting")
    return `${task.id}: ${taskEnd(task) === "dependency" ? "what it waits for failed" : describeEnd(task)}`;
  return holder === null ? "" : describeWriter(holder);
}
