import { candidates, metricOf, vanillaOf, type Column } from "../columns.js";
import type { ReportFacts, StrategyFacts } from "../facts.js";
import { preserved, type Preserved } from "../preserved.js";

/** The share of the gap between `alone` and vanilla that a strategy closes; null where it is not defined. */
export function gapClosedOf(facts: ReportFacts, strategy: StrategyFacts, column: Column): Preserved | null {
  const alone = facts.strategies.find(({ name }) => name === "alone");
  const vanilla = vanillaOf(facts);
  if (!candidates(facts).includes(strategy)) return null;
  const [a, v, s] = [alone, vanilla, strategy].map((one) => one && metricOf(one.scores, column));
  return a && v && s && strategy !== alone ? preserved(a, v, s) : null;
}

/** Merges of two parts or more. */
export function exchangesOf({ parts }: StrategyFacts): number {
  const workers = new Map<number, number>();
  for (const { round } of parts) workers.set(round, (workers.get(round) ?? 0) + 1);
  return [...workers.values()].filter((count) => count > 1).length;
}
