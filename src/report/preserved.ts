import type { Metric } from "../evaluate/output/scores.js";

/**
 * The share of vanilla's improvement over the base that a strategy preserves: 1 is all of it, below 0 worse than the
 * base.
 */
export interface Preserved {
  readonly share: number;
  /** By the delta method, assuming independent scores; null if one of the three has no standard error. */
  readonly standardError: number | null;
}

/** The text of a report where `preserved` returns null. */
export const notDefined = "not defined: vanilla does not beat the base beyond noise";

/** Vanilla must beat the base by more than this many standard errors of the difference. */
const noiseLimit = 2;

/**
 * r = (strategy − base) / (vanilla − base); for losses the same as (base − strategy) / (base − vanilla).
 * Var r ≈ (se_s² + (1 − r)² se_b² + r² se_v²) / (vanilla − base)².
 *
 * @returns null unless vanilla improves on the base by more than twice √(se_b² + se_v²); a missing standard error
 *   counts as 0
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

/** `share` of `preserved`. */
export function preservedImprovement(base: Metric, vanilla: Metric, strategy: Metric): number | null {
  return preserved(base, vanilla, strategy)?.share ?? null;
}
