import type { Metric } from "../evaluate/output/scores.js";

/** How much of vanilla's improvement over the base a strategy kept: 1 is all of it, below 0 is worse than the base. */
export interface Preserved {
  readonly share: number;
  /** By the delta method, taking the three scores as independent; null if any of them has no standard error. */
  readonly standardError: number | null;
}

/** What a report says in place of a number where `preserved` gives null. */
export const notDefined = "not defined: vanilla does not beat the base beyond noise";

/** Vanilla must beat the base by more than this many standard errors of the difference. */
const noiseLimit = 2;

/**
 * r = (strategy − base) / (vanilla − base); for losses the same as (base − strategy) / (base − vanilla).
 * Var r ≈ (se_s² + (1 − r)² se_b² + r² se_v²) / (vanilla − base)².
 *
 * @returns null where vanilla does not improve on the base by more than twice √(se_b² + se_v²); a missing standard error counts as 0
 */
export function preserved(base: Metric, vanilla: Metric, strategy: Metric): Preserved | null {
  const difference = vanilla.value - base.value;
  const improvement = base.higherIsBetter ? difference : -difference;
  const noise = Math.hypot(base.standardError ?? 0, vanilla.standardError ?? 0);
  if (!(improvement > 0 && improvement > noiseLimit * noise)) return null;
  const share = (strategy.value - base.value) / difference + 0; // + 0: no −0 where it equals the base
  const errors = [strategy.standardError, base.standardError, vanilla.standardError];
  if (errors.includes(null)) return { share, standardError: null };
  const [s, b, v] = errors as number[];
  return { share, standardError: Math.hypot(s, (1 - share) * b, share * v) / Math.abs(difference) };
}

/** The share of `preserved` alone. */
export function preservedImprovement(base: Metric, vanilla: Metric, strategy: Metric): number | null {
  return preserved(base, vanilla, strategy)?.share ?? null;
}
