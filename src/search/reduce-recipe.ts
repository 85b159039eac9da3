import type { Job } from "../jobs/job.js";
import { placeOf, rememberPlaces } from "../recipe/places.js";
import type { Recipe } from "../recipe/recipe.js";
import { seedRecipes } from "../recipe/seed-recipes.js";
import type { RunPlan } from "../run/graph/run-graph.js";
import type { Objective } from "./settings.js";

export type StrategyRecipe = Recipe["strategies"][number];

/** The recipe of the first seed. */
export function firstSeed(recipe: Recipe): Recipe {
  return seedRecipes(recipe)?.[0].recipe ?? recipe;
}

/** What a trial runs of a recipe. */
export interface Reduction {
  readonly strategies: readonly StrategyRecipe[];
  readonly baselines: Recipe["baselines"];
  /** Whose evaluation is the only one. */
  readonly objective: Objective;
  /** Of the training. */
  readonly share: number;
}

/** The recipe of a trial. Its trainings are those of the whole recipe, with all or a share of their steps. */
export function reduceRecipe(whole: Recipe, { strategies, baselines, objective, share }: Reduction): Recipe {
  const recipe = firstSeed(whole);
  const evaluation = recipe.evaluation.filter(({ name }) => name === objective.evaluation);
  const { training } = recipe;
  const amount = scaleAmount(training.amount, share);
  const reduced: Recipe = {
    ...recipe,
    strategies,
    baselines,
    evaluation,
    evaluateParts: false,
    training: { ...training, amount },
  };
  rememberPlaces(reduced, (path) => placeOf(recipe, path));
  return reduced;
}

function scaleAmount(amount: Recipe["training"]["amount"], share: number): Recipe["training"]["amount"] {
  if (share === 1) return amount;
  const atLeastOne = (count: number) => Math.max(1, Math.round(count * share));
  if ("epochs" in amount) return { epochs: amount.epochs * share };
  return "steps" in amount ? { steps: atLeastOne(amount.steps) } : { tokens: atLeastOne(amount.tokens) };
}

/** A plan without evaluations during training, and its jobs. */
export function withoutCurve(plan: RunPlan): RunPlan {
  const strategies = plan.strategies.map((strategy) => ({ ...strategy, curve: [] }));
  const byId = new Map(plan.jobs.map((job) => [job.id, job]));
  const needed = new Set<string>();
  const visit = (job: Job) => {
    if (needed.has(job.id)) return;
    needed.add(job.id);
    for (const input of Object.values(job.inputs)) visit(byId.get(input.job) as Job);
  };
  for (const job of [plan.baseEvaluation, ...strategies.map(({ evaluation }) => evaluation)]) visit(job);
  return { ...plan, strategies, jobs: plan.jobs.filter(({ id }) => needed.has(id)) };
}
