import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../files/atomic-file.js";
import { StrataError } from "../errors/strata-error.js";
import { hashValue } from "../files/hash.js";
import { presetNames } from "../plan/presets/presets.js";
import { placeOf } from "../recipe/places.js";
import type { Recipe, SearchRecipe } from "../recipe/recipe.js";
import type { RunOptions } from "../run/execute-runs.js";
import { runFolder } from "../run/run-recipe.js";
import { bestResult, referenceOf, resultOfStrategy, type Reference } from "./candidate-result.js";
import { openSearchJournal } from "./journal.js";
import { leaderboardCsv, rank, type Candidate } from "./leaderboard.js";
import { baselineNames, nameOf, reduceRecipe, type StrategyRecipe } from "./reduce-recipe.js";
import { runPhase, sequenceOf, type Phase, type PhaseContext, type PhaseProgress } from "./run-phase.js";
import { runTrials } from "./run-trials.js";
import { objectiveOf, searchOf, type Objective } from "./settings.js";
import { overridesOf, type Space, type Values } from "./space.js";
import { createTimeSpent } from "./time-spent.js";
import { winnerText, type Evidence } from "./winner.js";

/** Where the recipes of candidates come from. */
export interface RecipeSource {
  /** The recipe's file. */
  readonly file: string;
  /** The recipe with overrides as of `--set`, after those of the command line. */
  load(overrides: readonly string[]): Promise<Recipe>;
}

export interface SearchOptions extends RunOptions {
  readonly onStart?: (recipe: Recipe, search: SearchRecipe, objective: Objective) => void;
  readonly onCandidate?: (candidate: Candidate, progress: PhaseProgress) => void;
}

export interface SearchResult {
  readonly outcome: "finished" | "failed" | "interrupted";
  readonly objective: Objective;
  /** Of each phase the best first. */
  readonly candidates: readonly Candidate[];
  /** What no candidate finished because of; empty unless `failed`. */
  readonly failures: readonly string[];
  readonly leaderboard: string;
  /** The file of the best recipe; null unless finished. */
  readonly winner: string | null;
}

/**
 * Tries the values of a recipe's `search`: those of `baseline` for vanilla first, then, with the best of them, those of
 * `values` for the strategies. Run again, it continues: the sequence of candidates is the same, and their jobs are in
 * the store.
 */
export async function searchRecipe(source: RecipeSource, options: SearchOptions): Promise<SearchResult> {
  const recipe = await source.load([]);
  const search = searchOf(recipe, source.file);
  const objective = objectiveOf(recipe, search);
  await checkSpaces(source, recipe, search);
  const folder = join(runFolder(options.store, recipe), "search");
  const journal = openSearchJournal(join(folder, "journal.jsonl"), hashValue({ ...recipe, machine: null }));
  options.onStart?.(recipe, search, objective);
  const context: PhaseContext = {
    options,
    folder: `${runFolder(options.store, recipe)}-search`,
    journal,
    time: createTimeSpent(options.pool.parallel),
    onCandidate: (candidate, progress) => options.onCandidate?.(candidate, progress),
  };
  mkdirSync(folder, { recursive: true });
  const tried = await runSearch({ source, search, objective }, context);
  const { candidates, failures, evidence } = tried;
  const leaderboard = join(folder, "leaderboard.csv");
  writeFileAtomic(leaderboard, leaderboardCsv(candidates));
  const result = { objective, candidates, failures, leaderboard, winner: null };
  if (options.signal.aborted) return { ...result, outcome: "interrupted" };
  if (evidence === null) return { ...result, outcome: "failed" };
  const winner = join(folder, "winner.yaml");
  writeFileAtomic(winner, winnerText(evidence));
  return { ...result, outcome: "finished", winner };
}

interface Definition {
  readonly source: RecipeSource;
  readonly search: SearchRecipe;
  readonly objective: Objective;
}

interface Tried {
  readonly candidates: readonly Candidate[];
  readonly failures: readonly string[];
  readonly evidence: Evidence | null;
}

async function runSearch({ source, search, objective }: Definition, context: PhaseContext): Promise<Tried> {
  const { signal } = context.options;
  const shared = { search, objective };
  const phases: Candidate[][] = [];
  const stopped = (failures: readonly string[]): Tried => ({ candidates: phases.flat(), failures, evidence: null });
  const run = async (phase: Phase) => {
    const ranked = rank(await runPhase(phase, context), objective);
    phases.push(ranked);
    return ranked;
  };
  let fixed: string[] = [];
  if (search.baseline) {
    const [best] = await run({
      ...shared,
      name: "vanilla",
      space: search.baseline,
      load: (values) => source.load(overridesOf(values)),
      strategiesOf: (whole) => [vanillaOf(whole)],
      resultOf: (facts) => resultOfStrategy(facts, "vanilla", objective),
    });
    if (signal.aborted || !best?.result) return stopped(failuresOf(phases.flat()));
    fixed = overridesOf(best.values);
  }
  const load = (values: Values) => source.load([...fixed, ...overridesOf(values)]);
  const reference = await runReference(await load({}), objective, context);
  if (signal.aborted || typeof reference === "string") return stopped(typeof reference === "string" ? [reference] : []);
  if (search.values) {
    const limits = { objective, maxShare: search.maxShareOfVanilla };
    const [best] = await run({
      ...shared,
      name: "strategies",
      space: search.values,
      load,
      strategiesOf: (whole) => whole.strategies.filter((strategy) => !baselineNames.includes(nameOf(strategy))),
      resultOf: (facts, share) => bestResult(facts, reference.strategies, share, limits),
    });
    if (signal.aborted || !best?.result) return stopped(failuresOf(phases.at(-1) ?? []));
  }
  const [winner] = phases.at(-1) ?? [];
  const recipe = await load(search.values ? winner.values : {});
  const { machine, commit } = reference;
  return {
    candidates: phases.flat(),
    failures: [],
    evidence: { recipe, search, objective, phases, machine, commit, date: new Date().toISOString() },
  };
}

function vanillaOf({ strategies }: Recipe): StrategyRecipe {
  return strategies.find((strategy) => nameOf(strategy) === "vanilla") ?? "vanilla";
}

/** Vanilla and alone with the best values of vanilla, or the failure of their run. */
async function runReference(
  whole: Recipe,
  objective: Objective,
  { options, folder }: PhaseContext,
): Promise<{ readonly strategies: Reference; readonly machine: string; readonly commit: string | null } | string> {
  const own = whole.strategies.filter((strategy) => baselineNames.includes(nameOf(strategy)));
  const missing = baselineNames.filter(
    (name) => presetNames.includes(name) && !own.some((one) => nameOf(one) === name),
  );
  const strategies = [...own, ...(missing as StrategyRecipe[])];
  const reduced = reduceRecipe(whole, strategies, objective, 1);
  const id = "reference";
  const [outcome] = await runTrials([async () => ({ id, folder: join(folder, id), whole, reduced })], options);
  if (outcome.facts === null) return outcome.failure;
  const { machine, commit } = outcome.facts;
  return { strategies: referenceOf(outcome.facts), machine, commit };
}

function failuresOf(candidates: readonly Candidate[]): string[] {
  const failures = candidates.flatMap(({ id, failure }) => (failure === null ? [] : [`${id}: ${failure}`]));
  return failures.length > 0 ? failures : ["no strategy is within search.maxShareOfVanilla"];
}

/** At most this many candidates are looked at for one that is a valid recipe. */
const checkedCandidates = 50;

/** @throws StrataError of the first candidate of a phase if no candidate is a valid recipe, as with a misspelled path */
async function checkSpaces(source: RecipeSource, recipe: Recipe, search: SearchRecipe): Promise<void> {
  const spaces = { baseline: search.baseline, values: search.values };
  for (const [key, space] of Object.entries(spaces)) if (space) await checkSpace(source, recipe, search, key, space);
}

async function checkSpace(
  source: RecipeSource,
  recipe: Recipe,
  search: SearchRecipe,
  key: string,
  space: Space,
): Promise<void> {
  let first: StrataError | null = null;
  let checked = 0;
  for (const { values } of sequenceOf({ space, search, name: key === "baseline" ? "vanilla" : "strategies" })) {
    if (++checked > checkedCandidates) break;
    try {
      await source.load(overridesOf(values));
      return;
    } catch (error) {
      if (!(error instanceof StrataError)) throw error;
      first ??= error;
    }
  }
  if (first === null) return;
  const { where, ...parts } = first.parts;
  throw new StrataError("RecipeError", { where: `${placeOf(recipe, ["search", key])} (${where})`, ...parts });
}
