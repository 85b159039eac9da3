import type { Spread } from "./spread.js";
import { summarizeSeeds, type ScoreMeans, type SeedScore, type SeedsFacts } from "./summary.js";

/** A mean over seeds with the standard error of the mean; null where a number is not defined for every seed. */
export interface SeedsMetricJson {
  readonly value: number;
  readonly error: number | null;
  readonly deviation: number | null;
  readonly preserved: number | null;
  readonly preservedError: number | null;
  readonly gapClosed: number | null;
  readonly gapClosedError: number | null;
  readonly seeds: readonly SeedScore[];
}

export interface SeedsJson {
  readonly name: string;
  readonly seeds: readonly number[];
  readonly strategies: readonly {
    readonly name: string;
    readonly seconds: number | null;
    readonly shareOfVanilla: number | null;
    readonly exchanges: number;
    readonly bytes: number;
    /** By evaluation and metric. */
    readonly scores: Readonly<Record<string, Readonly<Record<string, SeedsMetricJson>>>>;
  }[];
}

/** What `strata report --json` prints of a run with `seeds`. */
export function seedsJson(facts: SeedsFacts): SeedsJson {
  return {
    name: facts.name,
    seeds: facts.runs.map(({ seed }) => seed),
    strategies: summarizeSeeds(facts).map(({ name, seconds, shareOfVanilla, exchanges, bytes, scores }) => ({
      name,
      seconds: mean(seconds),
      shareOfVanilla: mean(shareOfVanilla),
      exchanges,
      bytes: bytes.mean,
      scores: byTask(scores),
    })),
  };
}

const mean = (spread: Spread | null) => spread?.mean ?? null;
const error = (spread: Spread | null) => spread?.standardError ?? null;

function byTask(scores: readonly ScoreMeans[]): Record<string, Record<string, SeedsMetricJson>> {
  const tasks: Record<string, Record<string, SeedsMetricJson>> = {};
  for (const { column, value, preserved, gapClosed, seeds } of scores) {
    tasks[column.task] = {
      ...tasks[column.task],
      [column.metric]: {
        value: value.mean,
        error: value.standardError,
        deviation: value.deviation,
        preserved: mean(preserved),
        preservedError: error(preserved),
        gapClosed: mean(gapClosed),
        gapClosedError: error(gapClosed),
        seeds,
      },
    };
  }
  return tasks;
}
