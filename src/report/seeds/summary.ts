import { columns, shownColumns, type Column } from "../columns.js";
import type { ReportFacts } from "../facts.js";
import { reportSummary, type StrategySummary } from "../summary.js";
import { spreadOf, spreadOfAll, type Spread } from "./spread.js";

/** The runs of a recipe with `seeds`, one per seed. */
export interface SeedsFacts {
  readonly name: string;
  /** At least one; their strategies are the same. */
  readonly runs: readonly ReportFacts[];
}

/** One strategy's score in the run of one seed. */
export interface SeedScore {
  readonly seed: number;
  readonly value: number;
  /** Shares, each computed from the scores of this seed alone; null where they are not defined. */
  readonly preserved: number | null;
  readonly gapClosed: number | null;
}

/** A strategy's scores in one metric over all seeds. */
export interface ScoreMeans {
  readonly column: Column;
  readonly value: Spread;
  /** Means over seeds of the shares of each; null unless every seed has one. */
  readonly preserved: Spread | null;
  readonly gapClosed: Spread | null;
  readonly seeds: readonly SeedScore[];
}

export interface StrategyMeans {
  readonly name: string;
  readonly description: string;
  /** Null for the base. */
  readonly seconds: Spread | null;
  /** Of each seed's own vanilla; null for the base or without vanilla. */
  readonly shareOfVanilla: Spread | null;
  readonly exchanges: number;
  readonly bytes: Spread;
  readonly scores: readonly ScoreMeans[];
}

/** The columns of tables: without metrics that restate another. */
export function seedsColumns({ runs }: SeedsFacts): Column[] {
  return shownColumns(runs[0]);
}

interface OfSeed {
  readonly seed: number;
  readonly strategy: StrategySummary;
}

/** The strategies over all seeds, in the order of the recipe. */
export function summarizeSeeds({ runs }: SeedsFacts): StrategyMeans[] {
  const summaries = runs.map((facts) => ({ seed: facts.seed, strategies: reportSummary(facts).strategies }));
  return runs[0].strategies.map(({ name, description, exchanges }) => {
    const each = summaries.flatMap(({ seed, strategies }): OfSeed[] => {
      const strategy = strategies.find((one) => one.name === name);
      return strategy ? [{ seed, strategy }] : [];
    });
    return {
      name,
      description,
      seconds: spreadOfAll(each.map(({ strategy }) => strategy.seconds)),
      shareOfVanilla: spreadOfAll(each.map(({ strategy }) => strategy.shareOfVanilla)),
      exchanges,
      bytes: spreadOf(each.map(({ strategy }) => strategy.bytes)),
      scores: columns(runs[0]).flatMap((column) => scoreMeans(each, column) ?? []),
    };
  });
}

function scoreMeans(each: readonly OfSeed[], column: Column): ScoreMeans | null {
  const seeds = each.flatMap(({ seed, strategy }): SeedScore[] => {
    const score = strategy.scores[column.task]?.[column.metric];
    if (score === undefined) return [];
    const { value, preserved, gapClosed } = score;
    return [{ seed, value, preserved, gapClosed }];
  });
  if (seeds.length < each.length) return null;
  return {
    column,
    value: spreadOf(seeds.map(({ value }) => value)),
    preserved: spreadOfAll(seeds.map(({ preserved }) => preserved)),
    gapClosed: spreadOfAll(seeds.map(({ gapClosed }) => gapClosed)),
    seeds,
  };
}
