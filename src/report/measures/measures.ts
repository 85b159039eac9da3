import type { ReportFacts, StrategyFacts } from "../facts.js";
import { aloneOf, baseOf, metricOf, vanillaOf, type Column } from "../columns.js";
import { covariancesOf, errorOf, type Scored } from "./covariances.js";
import { noiseLimit, progress, type Progress } from "./progress.js";

/** A strategy's progress from a reference to vanilla. */
export interface Measure {
  /** In tables. */
  readonly heading: string;
  /** In `scores.csv`, with `_standard_error` for its standard error. */
  readonly csv: string;
  /** Of 100 %, after a number: "61.4% of vanilla's improvement". */
  readonly whole: string;
  readonly reference: { readonly name: string; of(facts: ReportFacts): StrategyFacts | null };
  /** Why it is not defined where vanilla does not beat the reference. */
  readonly notDefined: string;
}

/** Share of the improvement that vanilla brings over the base. */
export const preserved: Measure = {
  heading: "preserved",
  csv: "preserved",
  whole: "vanilla's improvement",
  reference: { name: "base", of: baseOf },
  notDefined: "preserved improvement is not defined: vanilla does not beat the base beyond noise",
};

/** Share of the distance between one machine alone and vanilla: what the other machines bring. */
export const gapClosed: Measure = {
  heading: "gap closed",
  csv: "gap_closed",
  whole: "the gap between one machine alone and vanilla",
  reference: { name: "one machine alone", of: aloneOf },
  notDefined: "gap closed is not defined: vanilla does not beat one machine alone beyond noise",
};

/** Those that the run's references allow and that apply to a strategy of it. */
export function measuresOf(facts: ReportFacts): Measure[] {
  return [preserved, gapClosed].filter((measure) => measured(facts, measure).length > 0);
}

/** The strategies that a measure applies to: all but the base, vanilla and its reference. Empty without references. */
export function measured(facts: ReportFacts, { reference }: Measure): StrategyFacts[] {
  const [from, vanilla] = [reference.of(facts), vanillaOf(facts)];
  if (!from || !vanilla) return [];
  return facts.strategies.filter((strategy) => ![from, vanilla, baseOf(facts)].includes(strategy));
}

/** Null where it is not defined, does not apply or a score is missing. */
export function measureOf(
  facts: ReportFacts,
  measure: Measure,
  strategy: StrategyFacts,
  column: Column,
): Progress | null {
  return measured(facts, measure).includes(strategy) ? measureScored(facts, measure, strategy, column) : null;
}

/** Of anything that was scored, such as one part. */
export function measureScored(
  facts: ReportFacts,
  { reference }: Measure,
  scored: Scored,
  column: Column,
): Progress | null {
  const [reached, vanilla] = [reference.of(facts), vanillaOf(facts)];
  if (!reached || !vanilla) return null;
  const models = [reached, vanilla, scored];
  const [from, to, score] = models.map(({ scores }) => metricOf(scores, column));
  return from && to && score ? progress(from, to, score, covariancesOf(facts, models, column)) : null;
}

/**
 * Standard error of the difference between two strategies' progress, by the delta method; null if it is not defined or
 * a standard error is missing.
 */
export function differenceError(
  facts: ReportFacts,
  measure: Measure,
  [a, b]: readonly [StrategyFacts, StrategyFacts],
  column: Column,
): number | null {
  const [first, second] = [a, b].map((strategy) => measureOf(facts, measure, strategy, column));
  const [from, to] = [measure.reference.of(facts), vanillaOf(facts)];
  if (!from || !to || first?.standardError == null || second?.standardError == null) return null;
  const [start, end] = [from, to].map(({ scores }) => metricOf(scores, column)?.value ?? Number.NaN);
  const change = first.share - second.share;
  const covariances = covariancesOf(facts, [from, to, a, b], column);
  return errorOf([change, -change, 1, -1], covariances) / Math.abs(end - start);
}

/** Whether a strategy scores worse than one machine alone, by more than two standard errors of the difference. */
export function isWorseThanAlone(facts: ReportFacts, strategy: StrategyFacts, column: Column): boolean {
  const alone = aloneOf(facts);
  const [from, score] = [alone, strategy].map((one) => one && metricOf(one.scores, column));
  if (!alone || !from || !score) return false;
  const difference = score.value - from.value;
  const noise = errorOf([-1, 1], covariancesOf(facts, [alone, strategy], column));
  const harm = score.higherIsBetter ? -difference : difference;
  return harm > 0 && harm > noiseLimit * noise;
}
