import type { HubAccess } from "../../hub/settings.js";
import type { Job, JobInput } from "../../jobs/job.js";
import type { ModelConfig } from "../../model/config/model-config.js";
import { fullWindow } from "../../model/config/window.js";
import { planParts, type PlannedPart, type PlanSettings } from "../../plan/plan-parts.js";
import { defaultMerge, equalShares } from "../../plan/build-strategy.js";
import type { Strategy } from "../../plan/strategy.js";
import type { Recipe, TrainingRecipe } from "../../recipe/recipe.js";
import { resolveStrategies } from "../../recipe/resolve-strategies.js";
import { checkFirstFile } from "../checks/check-first-file.js";
import type { EvaluateParameters } from "../kinds/evaluate.js";
import { fetchSources } from "../sources/hub-sources.js";
import type { LocalRecipe } from "../sources/local-recipe.js";
import { dataJobs, dataSets, selectData, shardsJob, tokenizerJob, tokenizerPath, type DataSets } from "./data-jobs.js";
import { evaluationJob, evaluationParameters } from "./evaluation-jobs.js";
import { asInput } from "./job-input.js";
import { expectedModel, initializeJob, type ExpectedModel } from "./model-jobs.js";
import { holdOutOf } from "./search-jobs.js";
import { strategyJobs, type StrategyInputs, type StrategyJobs } from "./strategy-jobs.js";
import { jobsOfRoles } from "./strategy-roles.js";
import { pretrainingJob, trainingFlops, trainingInputs } from "./training-jobs.js";

/** All jobs of a recipe. */
export interface RunPlan {
  /** The recipe with the commits and files of its sources on the hub. */
  readonly recipe: Recipe;
  readonly config: ModelConfig;
  /** Of the weights file that parts start from. */
  readonly storedBytesPerElement: number;
  /** The file or folder of the tokenizer; null if the run trains it. */
  readonly tokenizerPath: string | null;
  /** What the user should know about the files of the given model. */
  readonly notes: readonly string[];
  readonly initializeJob: Job;
  /** Trains the base; null without `model.pretrain`. */
  readonly pretrainJob: Job | null;
  /** The part that `pretrainJob` trains: all layers, on the pre-training data. */
  readonly pretraining: PlannedPart | null;
  /** Cuts the training data for all strategies. */
  readonly shardsJob: Job;
  readonly baseEvaluation: Job;
  readonly strategies: readonly StrategyJobs[];
  /** Every job once. */
  readonly jobs: readonly Job[];
}

/** FLOPs of an evaluation as a share of vanilla's training: a guess, used only in estimates of progress and time. */
const evaluationShare = 0.05;

/** The inputs that the jobs of a recipe are derived from. */
interface Sources {
  readonly recipe: LocalRecipe;
  readonly data: DataSets;
  readonly model: ExpectedModel;
  readonly tokenizer: Job;
  readonly start: Job;
}

/**
 * Builds the run graph; runs no job. Downloads the recipe's sources on the hub first, because job ids are hashes of
 * their content.
 *
 * @param hub  required if the recipe names sources on the hub
 */
export async function planRun(written: Recipe, hub: HubAccess | null = null): Promise<RunPlan> {
  const { pinned, local: recipe } = await fetchSources(written, hub, (name, set) => checkFirstFile(written, name, set));
  const model = expectedModel(recipe);
  const resolved = resolveStrategies(pinned, model.config);
  const merges = resolved.flatMap(({ rounds }) => rounds.map(({ merge }) => merge));
  const data = await dataSets(recipe, holdOutOf(pinned, merges));
  const tokenizer = await tokenizerJob(recipe, data);
  const start = await initializeJob(recipe, tokenizer);
  const sources = { recipe, data, model, tokenizer, start };
  const { tokenize, shards } = dataJobs(recipe.training.data, { ...recipe, data, tokenizer });
  const cuts = shardCuts(tokenize, shards, recipe);
  const pretraining = planPretraining(sources);
  const base = asInput(pretraining?.job ?? start, "model");
  const { baseEvaluation, strategies } = planStrategies(sources, resolved, base, cuts.shardsOf);
  const jobs = [
    tokenizer,
    start,
    ...tokenize,
    shards,
    ...cuts.jobs(),
    ...(pretraining?.jobs ?? []),
    baseEvaluation,
    ...strategies.flatMap(jobsOfRoles),
  ];
  return {
    recipe: pinned,
    ...model,
    tokenizerPath: tokenizerPath(recipe),
    initializeJob: start,
    pretrainJob: pretraining?.job ?? null,
    pretraining: pretraining?.part ?? null,
    shardsJob: shards,
    baseEvaluation,
    strategies,
    jobs: [...new Map(jobs.map((job) => [job.id, job])).values()],
  };
}

interface Pretraining {
  readonly part: PlannedPart;
  readonly job: Job;
  /** `job` and the data jobs before it. */
  readonly jobs: readonly Job[];
}

function planPretraining(sources: Sources): Pretraining | null {
  const { recipe, data, model, tokenizer, start } = sources;
  if (!("pretrain" in recipe.model)) return null;
  const { training, data: names } = recipe.model.pretrain;
  const { tokenize, shards } = dataJobs(names, { ...recipe, data, tokenizer, shards: 1 });
  const { layers } = model.config;
  const flops = trainingFlops(training, selectData(data, names), model.config);
  const job = pretrainingJob(training, { start, shards, layers, dtype: recipe.dtype, flops });
  const [[part]] = planParts(pretrainingStrategy(layers), planSettings(sources, training));
  return { part, job, jobs: [...tokenize, shards, job] };
}

function planStrategies(
  sources: Sources,
  strategies: readonly Strategy[],
  base: JobInput,
  shardsOf: StrategyInputs["shardsOf"],
): Pick<RunPlan, "baseEvaluation" | "strategies"> {
  const { recipe, data, model } = sources;
  const { training, dtype } = recipe;
  const vanillaFlops = trainingFlops(training, selectData(data, training.data), model.config);
  const evaluationFlops = vanillaFlops * evaluationShare;
  const evaluation: EvaluateParameters = {
    tasks: recipe.evaluation.map((task) => evaluationParameters(task, data)),
    sequenceLength: training.sequenceLength,
    dtype,
    bos: recipe.bos,
  };
  const settings = planSettings(sources, training);
  const inputs = {
    base,
    shardsOf,
    ...trainingInputs(training),
    dtype,
    curve: recipe.evaluateAt,
    evaluateParts: recipe.evaluateParts,
    evaluation,
    search: {
      data: selectData(data, training.data),
      tokenizer: sources.tokenizer,
      sequenceLength: training.sequenceLength,
      dtype,
      flops: evaluationFlops,
    },
    vanillaFlops,
    evaluationFlops,
  };
  return {
    baseEvaluation: evaluationJob("base", base, evaluation, evaluationFlops),
    strategies: strategies.map((strategy) => strategyJobs(strategy, planParts(strategy, settings), inputs)),
  };
}

/** The pre-training as a strategy: one worker, everything, all data. */
function pretrainingStrategy(layers: number): Strategy {
  const windows = [fullWindow(layers)];
  return {
    name: "base",
    rounds: [{ windows, reads: "all", from: 0, to: 1, merge: defaultMerge, training: {} }],
    keepOptimizerState: true,
    amount: 1,
    dataShares: equalShares(1),
    exchange: "f32",
  };
}

function planSettings({ recipe, model }: Sources, training: TrainingRecipe): PlanSettings {
  // On a GPU scratch memory is its memory.
  const offload = training.offload && recipe.machine.device !== "webgpu";
  return {
    ...model,
    training: trainingInputs(training).settings,
    savings: { activationCheckpointing: training.activationCheckpointing, offload },
    dtype: recipe.dtype,
  };
}

/** The shards of strategies: the equal ones, and others where a strategy cuts the data in another way. */
function shardCuts(tokenize: readonly Job[], equal: Job, { shards, seed }: LocalRecipe) {
  const key = (dataShares: readonly number[]) => JSON.stringify(dataShares);
  const cuts = new Map([[key(equalShares(shards)), equal]]);
  return {
    shardsOf(dataShares: readonly number[]): JobInput {
      const job = cuts.get(key(dataShares)) ?? shardsJob(tokenize, dataShares, seed);
      cuts.set(key(dataShares), job);
      return asInput(job);
    },
    jobs: (): readonly Job[] => [...cuts.values()],
  };
}
