import { join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import { dependenciesOf, type Job } from "../../jobs/job.js";
import { passingJobs, type PrunedJob } from "./prune-rounds.js";
import type { PlannedJob, StrategyRoles } from "./strategy-roles.js";
import { readText } from "../../files/read-text.js";

/** A job in the `jobs.json` of a run, which tells what the run consists of without planning it again. */
export interface ListedJob extends PrunedJob, PlannedJob {}

export function listJobs(jobs: readonly Job[], strategies: readonly StrategyRoles<Job>[]): ListedJob[] {
  const passing = passingJobs(strategies);
  return jobs.map((job) => ({
    id: job.id,
    kind: job.kind,
    title: job.title,
    parameters: job.parameters,
    flops: job.flops,
    inputs: dependenciesOf(job),
    passing: passing.has(job.id),
  }));
}

const path = (folder: string) => join(folder, "jobs.json");

/** @param folder  of the run */
export function writeJobs(folder: string, jobs: readonly ListedJob[]): void {
  writeJsonAtomic(path(folder), jobs);
}

/** @throws StrataError if the list is damaged; Error if the run was not prepared */
export function readJobs(folder: string): readonly ListedJob[] {
  const text = readText(path(folder));
  try {
    return JSON.parse(text) as readonly ListedJob[];
  } catch {
    throw new StrataError("RunError", {
      where: path(folder),
      expected: "the list of a run's jobs",
      got: "a damaged file",
      hint: "`strata run` with the same recipe writes it again and keeps all finished jobs.",
    });
  }
}
