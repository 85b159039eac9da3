import { plural } from "../../text/plural.js";
import { noiseLimit } from "../measures/progress.js";
import { formatShare } from "../numbers.js";
import { listed, timeText, withShare } from "../verdict/verdict-text.js";
import type { Spread } from "./spread.js";
import type { ScoreMeans, SeedsFacts, StrategyMeans } from "./summary.js";

type Share = "gapClosed" | "preserved";

/**
 * One sentence on the strategy that closes most of the gap, or preserves most, in the first primary metric; another one
 * on the strategies that are worse than one machine alone.
 */
export function seedsVerdict({ runs }: SeedsFacts, strategies: readonly StrategyMeans[]): string {
  const over = `Over ${plural(runs.length, "seed")}, `;
  for (const share of ["gapClosed", "preserved"] as const) {
    const ranking = rankingBy(strategies, share);
    if (ranking.length === 0) continue;
    return [over + bestText(ranking[0], share), ...(share === "gapClosed" ? worseText(ranking) : [])].join(" ");
  }
  return `No verdict over ${plural(runs.length, "seed")}: no share of vanilla's improvement is defined for every seed.`;
}

/** A strategy's mean in the first primary metric. */
interface Ranked {
  readonly strategy: StrategyMeans;
  readonly score: ScoreMeans;
  readonly spread: Spread;
}

/** The strategies that have the share for every seed, the best first; `alone` is what they are compared with. */
function rankingBy(strategies: readonly StrategyMeans[], share: Share): Ranked[] {
  return strategies
    .filter(({ name }) => name !== "alone")
    .flatMap((strategy) =>
      strategy.scores
        .filter(({ column }) => column.primary)
        .slice(0, 1)
        .flatMap((score) => {
          const spread = score[share];
          return spread ? [{ strategy, score, spread }] : [];
        }),
    )
    .toSorted((a, b) => b.spread.mean - a.spread.mean);
}

function bestText({ strategy: { name, shareOfVanilla }, score, spread }: Ranked, share: Share): string {
  const isGap = share === "gapClosed";
  const result =
    `${isGap ? "closed" : "preserved"} ${formatSpread(spread)} of ` +
    `${isGap ? "the gap between alone and vanilla" : "vanilla's improvement"} on ${score.column.label}` +
    timeText(shareOfVanilla?.mean ?? null);
  if (spread.mean > 0) return `${name} ${result}.`;
  const better = isGap ? "was better than one machine alone" : "improved on the base";
  return `no strategy ${better}: the best, ${name}, ${result}.`;
}

function formatSpread({ mean, standardError }: Spread): string {
  return standardError === null ? formatShare(mean) : `${formatShare(mean)} ±${(100 * standardError).toFixed(1)}`;
}

/** Of the strategies below the best, and below one machine alone by more than two standard errors. */
function worseText([, ...others]: readonly Ranked[]): string[] {
  const worse = others.filter(({ spread }) => spread.mean + noiseLimit * (spread.standardError ?? 0) < 0);
  if (worse.length === 0) return [];
  const names = listed(worse.map(({ strategy, spread }) => withShare(strategy.name, spread.mean)));
  return [`Worse than one machine alone: ${names}.`];
}
