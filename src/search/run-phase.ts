import { join } from "node:path";
import type { Recipe, SearchRecipe } from "../recipe/recipe.js";
import type { ReportFacts } from "../report/facts.js";
import type { RunOptions } from "../run/execute-runs.js";
import type { SearchJournal } from "./journal.js";
import { rank, type Candidate, type PhaseName } from "./leaderboard.js";
import { pruneModels } from "./prune-models.js";
import { reduceRecipe, type Reduction } from "./reduce-recipe.js";
import type { Result } from "./results.js";
import { jobsOfTrials, runTrials, type Outcome, type Trial } from "./run-trials.js";
import { budgetOf, rungsOf, type Budget, type Objective, type Rung } from "./settings.js";
import { drawsOf, gridOf, type Space, type Values } from "./space.js";
import type { TimeSpent } from "./time-spent.js";

/** Candidates that are compared with each other. */
export interface Phase {
  readonly name: PhaseName;
  readonly space: Space;
  readonly search: SearchRecipe;
  readonly objective: Objective;
  /** The whole recipe of a candidate. */
  load(values: Values): Promise<Recipe>;
  /** What a candidate runs. */
  reduce(whole: Recipe): Pick<Reduction, "strategies" | "baselines">;
  resultOf(facts: ReportFacts): Result | null;
}

export interface PhaseContext {
  readonly options: RunOptions;
  /** Of the trials. */
  readonly folder: string;
  readonly journal: SearchJournal;
  readonly time: TimeSpent;
  /** The jobs of the best candidate of each phase, whose models are kept. */
  readonly best: Map<PhaseName, readonly string[]>;
  onCandidate(candidate: Candidate, progress: PhaseProgress): void;
}

export interface PhaseProgress {
  /** Candidates of this rung that are finished, and all of them; null if minutes limit them. */
  readonly done: number;
  readonly total: number | null;
  /** Of the phase; null if it cannot be estimated yet. */
  readonly secondsLeft: number | null;
}

/** A place in a phase's sequence. */
interface Draw {
  readonly index: number;
  readonly values: Values;
}

/**
 * Tries the candidates of a phase, rung by rung, several at once so that the cores stay busy.
 *
 * @returns all candidates with their last result, in no order; incomplete if the signal has stopped the search
 */
export async function runPhase(phase: Phase, context: PhaseContext): Promise<Candidate[]> {
  const budget = budgetOf(phase.search, phase.space);
  const rungs = rungsOf(phase.search, budget);
  const all = new Map<number, Candidate>();
  let draws: Iterable<Draw> = sequenceOf(phase);
  context.time.startPhase();
  for (const [i, rung] of rungs.entries()) {
    const tried = await runRung(phase, { i, rung, rungs, budget }, draws, context);
    for (const candidate of tried) all.set(candidate.index, candidate);
    if (context.options.signal.aborted) break;
    const continuing = Math.max(1, Math.floor(tried.length / phase.search.eta));
    draws = rank(tried, phase.objective)
      .filter(({ result }) => result !== null)
      .slice(0, continuing);
  }
  return [...all.values()];
}

/** The candidates in the order in which they are tried; the same for every run of the search. */
export function* sequenceOf({ space, search, name }: Pick<Phase, "space" | "search" | "name">): Generator<Draw> {
  const values = search.method === "grid" ? gridOf(space) : drawsOf(space, search.seed, name);
  let index = 0;
  for (const one of values) yield { index: index++, values: one };
}

interface RungPlace {
  readonly i: number;
  readonly rung: Rung;
  readonly rungs: readonly Rung[];
  readonly budget: Budget;
}

async function runRung(
  phase: Phase,
  place: RungPlace,
  draws: Iterable<Draw>,
  context: PhaseContext,
): Promise<Candidate[]> {
  const { i, rung, rungs, budget } = place;
  const { journal, time, options } = context;
  const key = `${phase.name} ${i + 1} of ${rungs.length}`;
  const ended = journal.endOf(key);
  const limit = ended ?? rung.candidates;
  const secondsUntilEnd = (60 * budget.minutes * (i + 1)) / rungs.length;
  const queue = queueOf(draws);
  const tried: Candidate[] = [];
  const jobs = new Map<string, readonly string[]>();
  while (tried.length < limit) {
    if (ended === null && tried.length > 0 && time.ofPhase() >= secondsUntilEnd) break;
    const wave = queue.take(Math.min(options.pool.parallel, limit - tried.length));
    if (wave.length === 0) break;
    const starts = wave.map((draw) => () => trialOf(phase, draw, place, context));
    const outcomes = await time.measure(wave.length, () => runTrials(starts, options, journal.train));
    if (options.signal.aborted) return tried;
    for (const [j, draw] of wave.entries()) {
      const candidate = candidateOf(phase, draw, rung.share, outcomes[j]);
      tried.push(candidate);
      jobs.set(candidate.id, outcomes[j].jobs);
      const { id, values, result, failure } = candidate;
      journal.candidate(`${id} ${rung.share}`, values, result?.value ?? null, failure);
      context.onCandidate(candidate, progressOf(tried.length, limit, place, secondsUntilEnd, context));
    }
    const [best] = rank(tried, phase.objective);
    if (rung.share === 1) context.best.set(phase.name, jobs.get(best.id) ?? []);
    const next = queue.peek(Math.min(lookahead, limit - tried.length));
    const upcoming = await jobsOfTrials(
      next.map((draw) => () => trialOf(phase, draw, place, context)),
      options,
    );
    pruneModels(options.store, journal.trained(), [...upcoming, ...[...context.best.values()].flat()]);
  }
  journal.end(key, tried.length);
  return tried;
}

/** Models that one of so many next candidates shares are kept for it. */
const lookahead = 32;

interface Queue<T> {
  take(count: number): T[];
  /** Those that `take` would give, which stay. */
  peek(count: number): readonly T[];
}

function queueOf<T>(items: Iterable<T>): Queue<T> {
  const iterator = items[Symbol.iterator]();
  const ahead: T[] = [];
  const fill = (count: number) => {
    while (ahead.length < count) {
      const { value, done } = iterator.next();
      if (done) return;
      ahead.push(value);
    }
  };
  return {
    take(count) {
      fill(count);
      return ahead.splice(0, count);
    },
    peek(count) {
      fill(count);
      return ahead.slice(0, count);
    },
  };
}

async function trialOf(
  { name: phase, objective, load, reduce }: Phase,
  { index, values }: Draw,
  { i, rung, rungs }: RungPlace,
  { folder }: PhaseContext,
): Promise<Trial> {
  const id = idOf(phase, index);
  const whole = await load(values);
  const reduced = reduceRecipe(whole, { ...reduce(whole), objective, share: rung.share });
  const name = rungs.length === 1 ? id : `${id}-rung-${i + 1}`;
  return { folder: join(folder, name), whole, reduced, mayRunWhole: rung.share === 1 };
}

function idOf(phase: PhaseName, index: number): string {
  return `${phase}-${index + 1}`;
}

function candidateOf({ name, resultOf }: Phase, { index, values }: Draw, share: number, outcome: Outcome): Candidate {
  const { facts, failure } = outcome;
  return {
    id: idOf(name, index),
    phase: name,
    index,
    values,
    share,
    result: facts === null ? null : resultOf(facts),
    failure,
    machine: facts?.machine ?? null,
    commit: facts?.commit ?? null,
  };
}

/** Every rung takes about as long as the first: fewer candidates, each with more training. */
function progressOf(
  done: number,
  limit: number,
  { i, rungs }: RungPlace,
  secondsUntilEnd: number,
  { time }: PhaseContext,
): PhaseProgress {
  if (!Number.isFinite(limit) || Number.isFinite(secondsUntilEnd)) {
    const total = (secondsUntilEnd / (i + 1)) * rungs.length;
    return { done, total: null, secondsLeft: Math.max(0, total - time.ofPhase()) };
  }
  const each = time.perCandidate();
  const left = limit - done + limit * (rungs.length - 1 - i);
  return { done, total: limit, secondsLeft: each === null ? null : each * left };
}
