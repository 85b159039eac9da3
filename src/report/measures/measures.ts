import type { ReportFacts, StrategyFacts } from "../facts.js";
import type { Metric } from "../../evaluate/output/scores.js";
import { aloneOf, baseOf, metricOf, vanillaOf, type Column } from "../columns.js";
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
  return measured(facts, measure).includes(strategy)
    ? measureScore(facts, measure, metricOf(strategy.scores, column), column)
    : null;
}

/** Of any score, such as that of one part. */
export function measureScore(
  facts: ReportFacts,
  { reference }: Measure,
  score: Metric | null,
  column: Column,
): Progress | null {
  const [from, to] = [reference.of(facts), vanillaOf(facts)].map((one) => one && metricOf(one.scores, column));
  return from && to && score ? progress(from, to, score) : null;
}

/** Whether a strategy scores worse than one machine alone, by more than two standard errors of the difference. */
export function isWorseThanAlone(facts: ReportFacts, strategy: StrategyFacts, column: Column): boolean {
  const [alone, score] = [aloneOf(facts), strategy].map((one) => one && metricOf(one.scores, column));
  if (!alone || !score) return false;
  const difference = score.value - alone.value;
  const noise = Math.hypot(alone.standardError ?? 0, score.standardError ?? 0);
  const harm = score.higherIsBetter ? -difference : difference;
  return harm > 0 && harm > noiseLimit * noise;
}
