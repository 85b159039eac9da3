import { join } from "node:path";
import { StrataError } from "../../errors/strata-error.js";
import type { StrategyJobs } from "../graph/strategy-jobs.js";
import type { Job } from "../../jobs/job.js";
import { jobFolder, verifyOutputs, type Store } from "../../jobs/job-folder.js";
import { doneOf } from "./report-facts.js";
import type { RunPlan } from "../graph/run-graph.js";

export interface StrategyModel {
  /** Null for the base. */
  readonly jobs: StrategyJobs | null;
  /** The Hugging Face folder in the store. */
  readonly folder: string;
}

/**
 * A strategy's final model.
 *
 * @param name  of the strategy; `base` for the model that strategies start from
 * @throws StrataError if the strategy does not exist, or its model is unfinished or damaged
 */
export async function strategyModel(store: Store, plan: RunPlan, name: string): Promise<StrategyModel> {
  const jobs = strategyNamed(plan, name);
  const job = finalJob(plan, jobs);
  doneOf(store, job);
  await verifyOutputs(store, job.id, "model");
  return { jobs, folder: join(jobFolder(store, job.id), "model") };
}

/** Null for the base. */
function strategyNamed(plan: RunPlan, name: string): StrategyJobs | null {
  const found = plan.strategies.find(({ strategy }) => strategy.name === name);
  if (found || name === "base") return found ?? null;
  throw new StrataError("RunError", {
    where: `strategy of ${plan.recipe.name}`,
    expected: ["base", ...plan.strategies.map(({ strategy }) => strategy.name)].join(", "),
    got: JSON.stringify(name),
    hint: "Choose a strategy of the recipe.",
  });
}

/** The job with a strategy's final model, which its evaluation scores. */
function finalJob({ pretrainJob, initializeJob, jobs: all }: RunPlan, jobs: StrategyJobs | null): Job {
  if (jobs === null) return pretrainJob ?? initializeJob;
  return all.find(({ id }) => id === jobs.evaluation.inputs.model.job) as Job;
}
