import { join } from "node:path";
import { createFolder } from "../files/create-folder.js";
import { writeFileAtomic } from "../files/atomic-file.js";
import { StrataError } from "../errors/strata-error.js";
import { hashValue } from "../files/hash.js";
import { placeOf } from "../recipe/places.js";
import type { Recipe, SearchRecipe } from "../recipe/recipe.js";
import { nameOf } from "../recipe/resolve-strategies.js";
import type { RunOptions } from "../run/execute-runs.js";
import { runFolder } from "../run/run-folder.js";
import { bestResult, resultOfStrategy } from "./candidate-result.js";
import { openSearchJournal } from "./journal.js";
import { leaderboardCsv, rank, type Candidate } from "./leaderboard.js";
import { pinSources, type RecipeSource } from "./recipe-source.js";
import { runPhase, sequenceOf, type Phase, type PhaseContext, type PhaseProgress } from "./run-phase.js";
import { objectiveOf, searchOf, type Objective } from "./settings.js";
import { overridesOf, type Space } from "./space.js";
import { strategyOverrides } from "./strategy-values.js";
import { createTimeSpent } from "./time-spent.js";
import { winnerText, type Evidence } from "./winner.js";

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
export async function searchRecipe(written: RecipeSource, options: SearchOptions): Promise<SearchResult> {
  const recipe = await written.load([]);
  const search = searchOf(recipe, written.file);
  const objective = objectiveOf(recipe, search);
  await checkSpaces(written, recipe, search);
  const source = await pinSources(written, recipe, options.hub);
  const folder = join(runFolder(options.store, recipe), "search");
  const journal = openSearchJournal(join(folder, "journal.jsonl"), hashValue({ ...recipe, machine: null }));
  options.onStart?.(recipe, search, objective);
  const context: PhaseContext = {
    options,
    folder: `${runFolder(options.store, recipe)}-search`,
    journal,
    time: createTimeSpent(options.pool.parallel),
    best: new Map(),
    onCandidate: (candidate, progress) => options.onCandidate?.(candidate, progress),
  };
  createFolder(folder);
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
  const phases: Candidate[][] = [];
  const run = async (phase: Omit<Phase, "search" | "objective">) => {
    const ranked = rank(await runPhase({ ...phase, search, objective }, context), objective);
    phases.push(ranked);
    return context.options.signal.aborted || !ranked[0]?.result ? null : ranked[0];
  };
  const stopped = () => ({ candidates: phases.flat(), failures: failuresOf(phases.at(-1) ?? []), evidence: null });
  let overrides: string[] = [];
  if (search.baseline) {
    const best = await run(vanillaPhase(source, search.baseline, objective));
    if (best === null) return stopped();
    overrides = overridesOf(best.values);
  }
  if (search.values) {
    const tuned = await source.load(overrides);
    const best = await run(
      strategiesPhase(source, { search, space: search.values, objective, tuned, fixed: overrides }),
    );
    if (best === null) return stopped();
    overrides = [...overrides, ...strategyOverrides(tuned, best.values)];
  }
  const recipe = await source.load(overrides);
  const evidence = { recipe, search, objective, phases, date: new Date().toISOString() };
  return { candidates: phases.flat(), failures: [], evidence };
}

type PhaseDefinition = Omit<Phase, "search" | "objective">;

/** Values for vanilla, which runs alone. */
function vanillaPhase(source: RecipeSource, space: Space, objective: Objective): PhaseDefinition {
  return {
    name: "vanilla",
    space,
    load: (values) => source.load(overridesOf(values)),
    reduce: ({ strategies }) => ({
      strategies: [strategies.find((strategy) => nameOf(strategy) === "vanilla") ?? "vanilla"],
      baselines: [],
    }),
    resultOf: (facts) => resultOfStrategy(facts, "vanilla", objective),
  };
}

/** Values for the strategies, beside the baselines with the best values of vanilla. */
function strategiesPhase(
  source: RecipeSource,
  inputs: {
    readonly search: SearchRecipe;
    readonly space: Space;
    readonly objective: Objective;
    /** The recipe with the best values of vanilla, and these as overrides. */
    readonly tuned: Recipe;
    readonly fixed: readonly string[];
  },
): PhaseDefinition {
  const { search, space, objective, tuned, fixed } = inputs;
  const limit = search.maxShareOfVanilla;
  return {
    name: "strategies",
    space,
    load: (values) => source.load([...fixed, ...strategyOverrides(tuned, values)]),
    reduce: ({ strategies, baselines }) => ({
      strategies,
      baselines: limit === null || baselines.includes("vanilla") ? baselines : ["vanilla", ...baselines],
    }),
    resultOf: (facts) => bestResult(facts, objective, limit),
  };
}

function failuresOf(candidates: readonly Candidate[]): string[] {
  const failures = candidates.flatMap(({ id, failure }) => (failure === null ? [] : [`${id}: ${failure}`]));
  return failures.length > 0 ? failures : ["no strategy is within search.maxShareOfVanilla"];
}

/** At most this many candidates are looked at for one that is a valid recipe. */
const checkedCandidates = 50;

/** @throws StrataError of a phase's first candidate if none is a valid recipe, as with a misspelled path */
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
  const name = key === "baseline" ? "vanilla" : "strategies";
  for (const { values } of sequenceOf({ space, search, name })) {
    if (++checked > checkedCandidates) break;
    try {
      await source.load(name === "vanilla" ? overridesOf(values) : strategyOverrides(recipe, values));
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
