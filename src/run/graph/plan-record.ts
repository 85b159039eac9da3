import { existsSync } from "node:fs";
import { join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";
import { writeJsonAtomic } from "../../files/atomic-file.js";
import { readText } from "../../files/read-text.js";
import type { ModelConfig } from "../../model/config/model-config.js";
import type { RunPlan } from "./run-graph.js";
import { readJobs } from "./run-jobs.js";
import { mapRoles, type PlannedJob, type StrategyRoles } from "./strategy-roles.js";

/** What the facts of a run are read by: a plan, or its record in the run's folder. */
export interface FactsPlan extends Pick<RunPlan, "recipe" | "config"> {
  readonly initializeJob: PlannedJob;
  /** Trains the base; null without `model.pretrain`. */
  readonly pretrainJob: PlannedJob | null;
  readonly baseEvaluation: PlannedJob;
  readonly strategies: readonly StrategyRoles<PlannedJob>[];
  readonly jobs: readonly PlannedJob[];
}

/** The plan.json of a run: the roles of its jobs, by their ids. The jobs themselves are in its jobs.json. */
interface PlanRecord {
  readonly format_version: 1;
  readonly config: ModelConfig;
  readonly initializeJob: string;
  readonly pretrainJob: string | null;
  readonly baseEvaluation: string;
  readonly strategies: readonly StrategyRoles<string>[];
}

const file = (folder: string) => join(folder, "plan.json");

/** @param folder  of the run */
export function writePlan(folder: string, plan: FactsPlan): void {
  const record: PlanRecord = {
    format_version: 1,
    config: plan.config,
    initializeJob: plan.initializeJob.id,
    pretrainJob: plan.pretrainJob?.id ?? null,
    baseEvaluation: plan.baseEvaluation.id,
    strategies: plan.strategies.map((strategy) => mapRoles(strategy, ({ id }) => id)),
  };
  writeJsonAtomic(file(folder), record);
}

/**
 * The plan of a run without its recipe, from the run's folder alone.
 *
 * @throws StrataError if an earlier version of Strata prepared it
 */
export function readPlan(folder: string): Omit<FactsPlan, "recipe"> {
  const path = file(folder);
  if (!existsSync(path)) throw unreadable(path, "no such file");
  const record = JSON.parse(readText(path)) as PlanRecord;
  if (record.format_version !== 1) throw unreadable(path, `format_version ${String(record.format_version)}`);
  const jobs = readJobs(folder);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const find = (id: string): PlannedJob => {
    const job = byId.get(id);
    if (job === undefined) throw unreadable(path, `the job ${id}, which jobs.json does not list`);
    return job;
  };
  return {
    config: record.config,
    initializeJob: find(record.initializeJob),
    pretrainJob: record.pretrainJob === null ? null : find(record.pretrainJob),
    baseEvaluation: find(record.baseEvaluation),
    strategies: record.strategies.map((strategy) => mapRoles(strategy, find)),
    jobs,
  };
}

function unreadable(where: string, got: string): StrataError {
  return new StrataError("RunError", {
    where,
    expected: "the record of a run's plan, format_version 1",
    got,
    hint: "`strata run` with the same recipe writes it and keeps all finished jobs.",
  });
}
