import type { ReportFacts, StrategyFacts } from "../report/facts.js";
import { baselineNames } from "./reduce-recipe.js";
import { chosenColumn, resultOf, type Result } from "./results.js";
import type { Objective } from "./settings.js";

/** The strategies that candidates are measured against, with all of the training: vanilla and alone. */
export type Reference = readonly StrategyFacts[];

export function referenceOf({ strategies }: ReportFacts): Reference {
  return strategies.filter(({ name }) => baselineNames.includes(name));
}

/** The result of a strategy; null without a score. */
export function resultOfStrategy(facts: ReportFacts, name: string, objective: Objective): Result | null {
  const column = chosenColumn(facts, objective);
  const strategy = facts.strategies.find((one) => one.name === name);
  return column && strategy ? resultOf(facts, strategy, column) : null;
}

/**
 * The best result among the strategies that take at most a share of vanilla's duration; null if none does.
 *
 * @param share  of the training that the facts are of. With less than all of it, there is no gap to close, and vanilla's
 *   duration is taken as in proportion
 */
export function bestResult(
  facts: ReportFacts,
  reference: Reference,
  share: number,
  { objective, maxShare }: { readonly objective: Objective; readonly maxShare: number | null },
): Result | null {
  const own = facts.strategies.filter(({ name }) => !baselineNames.includes(name));
  const [base, ...others] = own;
  const together = { ...facts, strategies: share === 1 ? [base, ...reference, ...others] : own };
  const vanillaSeconds = reference.find(({ name }) => name === "vanilla")?.seconds ?? null;
  const results = others.flatMap(({ name }) => {
    const result = resultOfStrategy(together, name, objective);
    if (result === null) return [];
    const known = vanillaSeconds !== null && result.seconds !== null;
    return [{ ...result, shareOfVanilla: known ? (result.seconds as number) / (vanillaSeconds * share) : null }];
  });
  const allowed = results.filter(
    ({ shareOfVanilla }) => maxShare === null || (shareOfVanilla !== null && shareOfVanilla <= maxShare),
  );
  const sign = objective.higherIsBetter ? -1 : 1;
  return allowed.toSorted((a, b) => sign * (a.value - b.value))[0] ?? null;
}
