import type { ReportFacts } from "../report/facts.js";
import { chosenColumn, resultOf, type Result } from "./results.js";
import type { Objective } from "./settings.js";
import { isBaseline } from "./strategy-values.js";

/** The result of a strategy; null without a score. */
export function resultOfStrategy(facts: ReportFacts, name: string, objective: Objective): Result | null {
  const column = chosenColumn(facts, objective);
  const strategy = facts.strategies.find((one) => one.name === name);
  return column && strategy ? resultOf(facts, strategy, column) : null;
}

/** The best result among the strategies that take at most a share of vanilla's duration; null if none does. */
export function bestResult(facts: ReportFacts, objective: Objective, maxShare: number | null): Result | null {
  const results = facts.strategies
    .filter(({ name, seconds }) => !isBaseline(name) && seconds !== null)
    .flatMap(({ name }) => resultOfStrategy(facts, name, objective) ?? [])
    .filter(({ shareOfVanilla }) => maxShare === null || (shareOfVanilla !== null && shareOfVanilla <= maxShare));
  const sign = objective.higherIsBetter ? -1 : 1;
  return results.toSorted((a, b) => sign * (a.value - b.value))[0] ?? null;
}
