import type { Metric } from "../../evaluate/output/scores.js";
import { errorOf, independent, type Covariances } from "./covariances.js";

/** How far a score has come on the way from one reference to another: 0 at the first, 1 at the second; not clipped. */
export interface Progress {
  readonly share: number;
  /** By the delta method; null if one of the three scores has no standard error. */
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
 * Var g ≈ uᵀ Σ u / (to − from)², with u = 1 − g for `from`, g for `to` and −1 for `score`.
 *
 * @param covariances  Σ, of `from`, `to` and `score` in this order
 * @returns null unless `to` improves on `from` by more than two standard errors of their difference; a missing standard
 *   error counts as 0
 */
export function progress(
  from: Metric,
  to: Metric,
  score: Metric,
  covariances: Covariances = independent([from, to, score]),
): Progress | null {
  const difference = to.value - from.value;
  const improvement = from.higherIsBetter ? difference : -difference;
  if (!(improvement > 0 && improvement > noiseLimit * errorOf([-1, 1, 0], covariances))) return null;
  const share = (score.value - from.value) / difference + 0; // + 0: no −0 where it equals `from`
  const known = [score, from, to].every(({ standardError }) => standardError !== null);
  const error = (weights: readonly number[]) => errorOf(weights, covariances) / Math.abs(difference);
  return {
    share,
    standardError: known ? error([1 - share, share, -1]) : null,
    noise: error([1, 0, -1]),
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
