import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { StrataError } from "../../../errors/strata-error.js";
import { readDone } from "../../../jobs/job-folder.js";
import { logPath } from "../../../jobs/job-log.js";
import { taskOutput } from "../../../jobs/slurm/submissions.js";
import type { ListedJob } from "../../../run/graph/run-jobs.js";
import { jobsOf } from "../../../run/run-status.js";
import { interruption } from "../../environment/interruption.js";
import { locateRun, type RunArguments } from "./locate-run.js";

export interface LogsOptions extends RunArguments {
  readonly follow: boolean;
}

/** @param name  the id of a job or its beginning, or a part of its title */
export async function logsCommand(path: string, name: string, options: LogsOptions): Promise<void> {
  const { store, folder } = await locateRun(path, options);
  const { id } = findJob(jobsOf(folder), folder, name);
  const signal = interruption();
  let position = 0;
  do {
    // A job that is done by now has written its last line.
    const isLast = !options.follow || readDone(store, id) !== null;
    position = printFrom(logPath(store, id), position);
    if (isLast && position === 0) printOutput(taskOutput(store, id));
    if (isLast) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  } while (!signal.aborted);
}

/** Prints what the task of a job without a log printed: why the program did not start. */
function printOutput(path: string | null): void {
  if (path === null || !existsSync(path)) return;
  process.stderr.write(`The job has no log. Its output, ${path}:\n`);
  printFrom(path, 0);
}

/** Prints a file from a position on. @returns its end */
function printFrom(path: string, position: number): number {
  if (!existsSync(path)) return position;
  const buffer = Buffer.alloc(Math.max(0, statSync(path).size - position));
  const file = openSync(path, "r");
  const length = readSync(file, buffer, 0, buffer.length, position);
  closeSync(file);
  process.stdout.write(buffer.subarray(0, length));
  return position + length;
}

function findJob(jobs: readonly ListedJob[], folder: string, name: string): ListedJob {
  const found = [
    jobs.filter(({ id, title }) => id === name || title === name),
    jobs.filter(({ id }) => id.startsWith(name)),
    jobs.filter(({ title }) => title.includes(name)),
  ].find((some) => some.length > 0);
  if (found?.length === 1) return found[0];
  const some = (found ?? jobs).slice(0, 10).map(({ id, title }) => `${id} (${title})`);
  throw new StrataError("RunError", {
    where: folder,
    expected: "the id of one job, or a part of its title",
    got: `${JSON.stringify(name)}, which ${found ? `${found.length} jobs have` : "no job has"}`,
    hint: `Jobs are, for example: ${some.join(", ")}. \`strata status\` lists those that are not done.`,
  });
}
