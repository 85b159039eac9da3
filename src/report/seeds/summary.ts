import { candidates, columns, shownColumns, durationShare, metricOf, preservedOf, type Column } from "../columns.js";
import type { ReportFacts, StrategyFacts } from "../facts.js";
import { exchangesOf, gapClosedOf } from "./gap.js";
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
export interface ScoreSummary {
  readonly column: Column;
  readonly value: Spread;
  /** Means over seeds of the shares of each; null unless every seed has one. */
  readonly preserved: Spread | null;
  readonly gapClosed: Spread | null;
  readonly seeds: readonly SeedScore[];
}

export interface StrategySummary {
  readonly name: string;
  readonly description: string;
  /** Null for the base. */
  readonly seconds: Spread | null;
  /** Of each seed's own vanilla; null for the base or without vanilla. */
  readonly shareOfVanilla: Spread | null;
  readonly exchanges: number;
  readonly scores: readonly ScoreSummary[];
}

/** The columns of tables: without metrics that restate another. */
export function seedsColumns({ runs }: SeedsFacts): Column[] {
  return shownColumns(runs[0]);
}

/** The strategies over all seeds, in the order of the recipe. */
export function summarizeSeeds({ runs }: SeedsFacts): StrategySummary[] {
  const all = columns(runs[0]);
  return runs[0].strategies.map((first) => {
    const each = runs.flatMap((facts) => {
      const strategy = facts.strategies.find(({ name }) => name === first.name);
      return strategy ? [{ facts, strategy }] : [];
    });
    return {
      name: first.name,
      description: first.description,
      seconds: spreadOfAll(each.map(({ strategy }) => strategy.seconds)),
      shareOfVanilla: spreadOfAll(each.map(({ facts, strategy }) => durationShare(facts, strategy))),
      exchanges: exchangesOf(first),
      scores: all.flatMap((column) => scoreSummary(each, column) ?? []),
    };
  });
}

type OfSeed = { readonly facts: ReportFacts; readonly strategy: StrategyFacts };

function scoreSummary(each: readonly OfSeed[], column: Column): ScoreSummary | null {
  const seeds = each.flatMap(({ facts, strategy }): SeedScore[] => {
    const metric = metricOf(strategy.scores, column);
    if (metric === null) return [];
    const isCompared = candidates(facts).includes(strategy);
    return [
      {
        seed: facts.seed,
        value: metric.value,
        preserved: isCompared ? (preservedOf(facts, strategy, column)?.share ?? null) : null,
        gapClosed: gapClosedOf(facts, strategy, column)?.share ?? null,
      },
    ];
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
