/** The value of a metric. */
export interface Measurement {
  readonly value: number;
  /** Standard error of `value`; null if there are too few values. */
  readonly standardError: number | null;
  /** How many values were averaged: predicted tokens of a loss, items of other tasks. */
  readonly count: number;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** √(Σ(x − mean)² / (n − 1)) / √n; null for fewer than two values. */
export function standardError(values: readonly number[]): number | null {
  const n = values.length;
  if (n < 2) return null;
  const center = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return Math.sqrt(squares / (n - 1)) / Math.sqrt(n);
}

/**
 * Σ sums / Σ weights with the standard error of a ratio of means (linearized), where the n items are the sample:
 * √(n/(n − 1) · Σ(sum − value · weight)²) / Σ weights.
 */
export function weightedMean(items: readonly { readonly sum: number; readonly weight: number }[]): {
  readonly value: number;
  readonly standardError: number | null;
} {
  const weights = items.reduce((total, { weight }) => total + weight, 0);
  const value = items.reduce((total, { sum }) => total + sum, 0) / weights;
  const n = items.length;
  if (n < 2) return { value, standardError: null };
  const squares = items.reduce((total, { sum, weight }) => total + (sum - value * weight) ** 2, 0);
  return { value, standardError: Math.sqrt((n / (n - 1)) * squares) / weights };
}

/** NumPy's argmax: the first of equal values; NaN is larger than all numbers. */
export function firstLargest(values: readonly number[]): number {
  const nan = values.findIndex(Number.isNaN);
  return nan >= 0 ? nan : values.indexOf(Math.max(...values));
}
