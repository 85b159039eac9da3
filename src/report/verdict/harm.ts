import { aloneOf, candidates, columns, metricOf, type Column } from "../columns.js";
import type { ReportFacts, StrategyFacts } from "../facts.js";
import { gapClosed, isWorseThanAlone } from "../measures/measures.js";
import { standings, type Standing } from "../measures/standings.js";
import { comparedWithAlone } from "./gap-verdict.js";
import { harmOfOthers, listed, withShare } from "./verdict-text.js";

/** Sentences about strategies that are worse than one machine alone; none without such a strategy. */
export function harmText(facts: ReportFacts): string[] {
  const ranking = standings(facts, gapClosed);
  const harmed = worseThanAlone(facts, ranking);
  const best = ranking[0]?.strategy;
  const others = harmed.filter(({ strategy }) => strategy !== best);
  // Where even the best is worse, the verdict has said it.
  const text = others.length < harmed.length ? worseStillText(others) : worseText(others);
  return [...text, ...tasksText(facts, (strategy) => harmed.every((one) => one.strategy !== strategy))];
}

interface Harmed {
  readonly strategy: StrategyFacts;
  /** Mean gap closed; null where it is not defined. */
  readonly share: number | null;
}

/** By mean gap closed; where that is not defined, on every task. Best first. */
function worseThanAlone(facts: ReportFacts, ranking: readonly Standing[]): Harmed[] {
  if (ranking.length > 0) {
    return ranking
      .filter(({ mean }) => comparedWithAlone(mean) === "worse")
      .map(({ strategy, mean }) => ({ strategy, share: mean.share }));
  }
  const tasks = comparedColumns(facts);
  return rivals(facts)
    .filter((strategy) => tasks.length > 0 && tasks.every((column) => isWorseThanAlone(facts, strategy, column)))
    .map((strategy) => ({ strategy, share: null }));
}

function rivals(facts: ReportFacts): StrategyFacts[] {
  return candidates(facts).filter((strategy) => strategy !== aloneOf(facts));
}

function comparedColumns(facts: ReportFacts): Column[] {
  const alone = aloneOf(facts);
  return columns(facts).filter((column) => column.primary && alone && metricOf(alone.scores, column));
}

function worseText(harmed: readonly Harmed[]): string[] {
  if (harmed.length === 0) return [];
  const harm = harmOfOthers(harmed.map(({ strategy }) => strategy));
  const verb = harmed.length === 1 ? "is" : "are";
  return [`${namesOf(harmed)} ${verb} worse than one machine alone${harm ? `: ${harm}` : ""}.`];
}

function worseStillText(harmed: readonly Harmed[]): string[] {
  return harmed.length === 0 ? [] : [`Worse still: ${namesOf(harmed)}.`];
}

function namesOf(harmed: readonly Harmed[]): string {
  return listed(harmed.map(({ strategy: { name }, share }) => (share === null ? name : withShare(name, share))));
}

/** Strategies that are worse on some task, although not on average. */
function tasksText(facts: ReportFacts, isCounted: (strategy: StrategyFacts) => boolean): string[] {
  return comparedColumns(facts).flatMap((column) => {
    const worse = rivals(facts).filter((strategy) => isCounted(strategy) && isWorseThanAlone(facts, strategy, column));
    if (worse.length === 0) return [];
    const names = listed(worse.map(({ name }) => name));
    return [`On ${column.task}, ${names} ${worse.length === 1 ? "is" : "are"} worse than one machine alone.`];
  });
}
