import type { ReportFacts } from "../report/facts.js";
import { chosenColumn, resultsOf, type Result } from "./results.js";
import type { Objective } from "./settings.js";
import { isBaseline } from "./strategy-values.js";

/** The result of a strategy; null without a score. */
export function resultOfStrategy(facts: ReportFacts, name: string, objective: Objective): Result | null {
  return results(facts, objective).find(({ strategy }) => strategy === name) ?? null;
}

/** The best result among the strategies that take at most a share of vanilla's duration; null if none does. */
export function bestResult(facts: ReportFacts, objective: Objective, maxShare: number | null): Result | null {
  const allowed = results(facts, objective)
    .filter(({ strategy, seconds }) => !isBaseline(strategy) && seconds !== null)
    .filter(({ shareOfVanilla }) => maxShare === null || (shareOfVanilla !== null && shareOfVanilla <= maxShare));
  const sign = objective.higherIsBetter ? -1 : 1;
  return allowed.toSorted((a, b) => sign * (a.value - b.value))[0] ?? null;
}

function results(facts: ReportFacts, objective: Objective): Result[] {
  const column = chosenColumn(facts, objective);
  return column === null ? [] : resultsOf([facts], column);
}
