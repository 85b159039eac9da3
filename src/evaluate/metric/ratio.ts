/** What one sample adds to the two sums of a ratio. */
export interface Term {
  readonly sum: number;
  /** 0 if the sample does not count. */
  readonly weight: number;
}

/** A metric as a function of the ratio Σ sums / Σ weights over the samples. */
export interface RatioMetric<Fields extends object = object> {
  term(sample: Fields): Term;
  /** Derivative of the function at a ratio. */
  derivative(ratio: number): number;
}

/**
 * Each sample's deviation, linearized as in `weightedMean`. The sum of squares is the metric's squared standard error;
 * the sum of the products of two models' deviations on the same samples is the covariance of their metrics.
 *
 * @returns null for fewer than two samples with a weight, or if a number is not finite
 */
export function deviations(terms: readonly Term[], derivative: RatioMetric["derivative"]): Float64Array | null {
  const n = terms.filter(({ weight }) => weight > 0).length;
  const weights = terms.reduce((total, { weight }) => total + weight, 0);
  const ratio = terms.reduce((total, { sum }) => total + sum, 0) / weights;
  const scale = (derivative(ratio) * Math.sqrt(n / (n - 1))) / weights;
  if (n < 2 || !Number.isFinite(scale * ratio)) return null;
  return Float64Array.from(terms, ({ sum, weight }) => scale * (sum - ratio * weight));
}
