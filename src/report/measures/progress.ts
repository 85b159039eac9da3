import type { Metric } from "../../evaluate/output/scores.js";

/** How far a score has come on the way from one reference to another: 0 at the first, 1 at the second; not clipped. */
export interface Progress {
  readonly share: number;
  /** By the delta method, assuming independent scores; null if one of the three has no standard error. */
  readonly standardError: number | null;
  /**
   * The standard error that a score as good as the first reference would have: a share of at most twice it does not
   * differ from 0. Missing standard errors count as 0.
   */
  readonly noise: number;
}

/** The second reference must beat the first by more than this many standard errors of the difference. */
export const noiseLimit = 2;

/**
 * g = (score − from) / (to − from); for losses the same as (from − score) / (from − to).
 * Var g ≈ (se_score² + (1 − g)² se_from² + g² se_to²) / (to − from)².
 *
 * @returns null unless `to` improves on `from` by more than twice √(se_from² + se_to²); a missing standard error
 *   counts as 0
 */
export function progress(from: Metric, to: Metric, score: Metric): Progress | null {
  const difference = to.value - from.value;
  const improvement = from.higherIsBetter ? difference : -difference;
  const [s, f, t] = [score, from, to].map(({ standardError }) => standardError ?? 0);
  if (!(improvement > 0 && improvement > noiseLimit * Math.hypot(f, t))) return null;
  const share = (score.value - from.value) / difference + 0; // + 0: no −0 where it equals `from`
  const known = [score, from, to].every(({ standardError }) => standardError !== null);
  return {
    share,
    standardError: known ? Math.hypot(s, (1 - share) * f, share * t) / Math.abs(difference) : null,
    noise: Math.hypot(s, f) / Math.abs(difference),
  };
}

/** The mean of independent values; null without values. */
export function meanProgress(values: readonly Progress[]): Progress | null {
  if (values.length === 0) return null;
  const errors = values.flatMap(({ standardError }) => standardError ?? []);
  return {
    share: values.reduce((sum, { share }) => sum + share, 0) / values.length,
    standardError: errors.length === values.length ? Math.hypot(...errors) / values.length : null,
    noise: Math.hypot(...values.map(({ noise }) => noise)) / values.length,
  };
}
