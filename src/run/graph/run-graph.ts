import type { HubAccess } from "../../hub/settings.js";
import type { ModelConfig } from "../../model/config/model-config.js";
import { equalShares, planParts, type PlannedPart } from "../../plan/plan-parts.js";
import { presetStrategy } from "../../plan/presets/presets.js";
import type { Recipe, TrainingRecipe } from "../../recipe/recipe.js";
import { resolveStrategies } from "../../recipe/resolve-strategies.js";
import { cutData } from "./data-jobs.js";
import { fetchSources } from "../sources/hub-sources.js";
import { evaluationJob, strategyJobs, type StrategyJobs } from "./strategy-jobs.js";
import type { Job } from "../../jobs/job.js";
import type { DataParameters } from "../kinds/data.js";
import type { EvaluateParameters } from "../kinds/evaluate.js";
import {
  asInput,
  dataParameters,
  expectedModel,
  pretrainingJob,
  initializeJob,
  taskParameters,
  tokenizerJob,
  trainingInputs,
  trainingWork,
} from "./recipe-jobs.js";

/** All jobs of a recipe. */
export interface RunPlan {
  /** With the commits and files of what it names of the hub. */
  readonly recipe: Recipe;
  readonly config: ModelConfig;
  /** Of the weights' file that parts start from. */
  readonly storedBytesPerElement: number;
  readonly initializeJob: Job;
  /** Trains the base; null where the start is random or given. */
  readonly pretrainJob: Job | null;
  /** What that trains: everything, on data of its own. */
  readonly pretraining: PlannedPart | null;
  /** Cuts the training data for all strategies. */
  readonly shardsJob: Job;
  readonly baseEvaluation: Job;
  readonly strategies: readonly StrategyJobs[];
  /** Every job once, inputs before those that need them. */
  readonly jobs: readonly Job[];
}

/** An evaluation costs about this share of vanilla's training: a guess, for the order of progress only. */
const evaluationShare = 0.05;

/**
 * Resolves files and data to hashes and writes the graph of jobs out. Nothing is run; what the recipe names of the hub is
 * brought to this machine, for the jobs depend on its content.
 *
 * @param hub  needed for recipes that name something of the hub
 */
export async function planRun(written: Recipe, hub: HubAccess | null = null): Promise<RunPlan> {
  const { pinned, local: recipe } = await fetchSources(written, hub);
  const data = new Map<string, DataParameters>();
  const { seed } = recipe;
  const holdOut = { share: recipe.holdOut, seed };
  for (const [name, set] of Object.entries(recipe.data)) data.set(name, await dataParameters(set, holdOut));
  const model = expectedModel(recipe);
  const { config } = model;
  const tokenizer = await tokenizerJob(recipe, data);
  const setsOf = (names: readonly string[]) => names.map((name) => data.get(name) as DataParameters);
  const start = await initializeJob(recipe, tokenizer);
  const { sources, shards } = cutData(recipe.training.data, { data, tokenizer, shards: recipe.shards, seed });
  const preparation = [tokenizer, start, ...sources, shards];

  const planSettings = (training: TrainingRecipe, shardCount: number) => ({
    ...model,
    sequenceLength: training.sequenceLength,
    microBatchSize: training.microBatchSize,
    savings: { activationCheckpointing: training.activationCheckpointing, offload: training.offload },
    dtype: recipe.dtype,
    dataShares: equalShares(shardCount),
  });
  let pretrainJob: Job | null = null;
  let pretraining: PlannedPart | null = null;
  if ("pretrain" in recipe.model) {
    const { training, data: baseNames } = recipe.model.pretrain;
    const cut = cutData(baseNames, { data, tokenizer, shards: 1, seed });
    pretrainJob = pretrainingJob(
      training,
      recipe.dtype,
      start,
      cut.shards,
      config.layers,
      trainingWork(training, setsOf(baseNames), config),
    );
    [[pretraining]] = planParts(presetStrategy("vanilla", config.layers), planSettings(training, 1));
    preparation.push(...cut.sources, cut.shards, pretrainJob);
  }

  const work = trainingWork(recipe.training, setsOf(recipe.training.data), config);
  const evaluation: EvaluateParameters = {
    tasks: recipe.evaluation.map((task) => taskParameters(task, data)),
    sequenceLength: recipe.training.sequenceLength,
    dtype: recipe.dtype,
  };
  const base = asInput(pretrainJob ?? start, "model");
  const baseEvaluation = evaluationJob("base", base, evaluation, work * evaluationShare);
  const strategies = resolveStrategies(pinned, config.layers).map((strategy) =>
    strategyJobs(strategy, planParts(strategy, planSettings(recipe.training, recipe.shards)), {
      base,
      data: asInput(shards),
      shardCount: recipe.shards,
      ...trainingInputs(recipe.training),
      dtype: recipe.dtype,
      curve: recipe.evaluateAt,
      evaluation,
      vanillaWork: work,
      evaluationWork: work * evaluationShare,
    }),
  );
  const jobs = [...preparation, baseEvaluation, ...strategies.flatMap(allJobs)];
  return {
    recipe: pinned,
    ...model,
    initializeJob: start,
    pretrainJob,
    pretraining,
    shardsJob: shards,
    baseEvaluation,
    strategies,
    jobs: [...new Map(jobs.map((job) => [job.id, job])).values()],
  };
}

function allJobs({ parts, merges, evaluation, curve }: StrategyJobs): Job[] {
  const points = curve.flatMap(({ merge, evaluation: scored }) => (merge ? [merge, scored] : [scored]));
  return [...parts.flat(), ...merges, evaluation, ...points];
}
