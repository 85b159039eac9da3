import { formatShare } from "../numbers.js";
import type { Spread } from "./spread.js";
import type { ScoreMeans, SeedsFacts, StrategyMeans } from "./summary.js";

type Share = "gapClosed" | "preserved";

/** One sentence on the strategy that closes most of the gap, or preserves most, in the first primary metric. */
export function seedsVerdict({ runs }: SeedsFacts, strategies: readonly StrategyMeans[]): string {
  for (const share of ["gapClosed", "preserved"] as const) {
    const best = bestBy(strategies, share);
    if (best === null) continue;
    const { strategy, spread, score } = best;
    const what = share === "gapClosed" ? "of the gap between alone and vanilla" : "of vanilla's improvement";
    const verb = share === "gapClosed" ? "closed" : "preserved";
    const time = strategy.shareOfVanilla
      ? ` in ${formatShare(strategy.shareOfVanilla.mean)} of vanilla's duration`
      : "";
    if (spread.mean <= 0) {
      const better = share === "gapClosed" ? "was better than one machine alone" : "improved on the base";
      return (
        `Over ${seedsText(runs.length)}, no strategy ${better}: the best, ${strategy.name}, ${verb} ` +
        `${formatSpread(spread)} ${what} on ${score.column.label}${time}.`
      );
    }
    return (
      `Over ${seedsText(runs.length)}, ${strategy.name} ${verb} ${formatSpread(spread)} ${what} on ` +
      `${score.column.label}${time}.`
    );
  }
  return `No verdict over ${seedsText(runs.length)}: no share of vanilla's improvement is defined for every seed.`;
}

const seedsText = (count: number) => (count === 1 ? "1 seed" : `${count} seeds`);

function formatSpread({ mean, standardError }: Spread): string {
  return standardError === null ? formatShare(mean) : `${formatShare(mean)} ±${(100 * standardError).toFixed(1)}`;
}

function bestBy(
  strategies: readonly StrategyMeans[],
  share: Share,
): { readonly strategy: StrategyMeans; readonly score: ScoreMeans; readonly spread: Spread } | null {
  const found = strategies.flatMap((strategy) =>
    strategy.scores
      .filter(({ column }) => column.primary)
      .slice(0, 1)
      .flatMap((score) => {
        const spread = score[share];
        return spread ? [{ strategy, score, spread }] : [];
      }),
  );
  return found.toSorted((a, b) => b.spread.mean - a.spread.mean)[0] ?? null;
}
