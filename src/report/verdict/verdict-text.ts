import type { ReportFacts, StrategyFacts } from "../facts.js";
import type { Measure } from "../measures/measures.js";
import { noiseLimit } from "../measures/progress.js";
import { meanDifferenceError, type Standing } from "../measures/standings.js";
import { formatProgress, formatShare } from "../numbers.js";

/** "61.4% ±8.2 of vanilla's improvement on answers · exact match", or the mean and each task. */
export function resultText({ mean, byColumn }: Standing, { whole }: Measure): string {
  const result = `${formatProgress(mean)} of ${whole}`;
  if (byColumn.length === 1) return `${result} on ${byColumn[0].column.label}`;
  const detail = byColumn.map(({ column, progress }) => `${formatShare(progress.share)} on ${column.task}`).join(", ");
  return `${result} on average (${detail})`;
}

export function timeText(share: number | null): string {
  return share === null ? "" : ` in ${formatShare(share)} of vanilla's duration`;
}

/** Strategies whose mean differs from the best by at most two standard errors of the difference. */
export function tieText(facts: ReportFacts, measure: Measure, [best, ...others]: readonly Standing[]): string {
  const near = others.filter((other) => {
    const error = meanDifferenceError(facts, measure, best, other);
    return error !== null && best.mean.share - other.mean.share <= noiseLimit * error;
  });
  if (near.length === 0) return "";
  const names = near.map(({ strategy, mean }) => withShare(strategy.name, mean.share));
  return ` Not distinguishable from it: ${listed(names)}.`;
}

export function withShare(name: string, share: number): string {
  return `${name} (${formatShare(share)})`;
}

const maxListed = 9;

/** "a, b, c", or the first nine and how many more. */
export function listed(names: readonly string[]): string {
  if (names.length <= maxListed + 1) return names.join(", ");
  return `${names.slice(0, maxListed).join(", ")} and ${names.length - maxListed} more`;
}

const numbers = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** "the other three machines did harm"; null for a strategy with one worker. */
export function harmOfOthers(strategies: readonly StrategyFacts[]): string | null {
  const counts = [...new Set(strategies.map(workersOf))];
  if (counts.some((count) => count < 2)) return null;
  if (counts.length > 1) return "their other machines did harm";
  const others = counts[0] - 1;
  if (others === 1) return "the other machine did harm";
  return `the other ${numbers[others] ?? others} machines did harm`;
}

function workersOf({ rounds }: StrategyFacts): number {
  return Math.max(1, ...rounds.map(({ workers }) => workers));
}
