/** Mean and spread of one number over the seeds of a run. */
export interface Spread {
  readonly mean: number;
  /** Standard deviation of a sample (n − 1); null for one value. */
  readonly deviation: number | null;
  /** Of the mean: deviation / √n; null for one value. */
  readonly standardError: number | null;
  readonly count: number;
}

/** @param values  at least one */
export function spreadOf(values: readonly number[]): Spread {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, deviation: null, standardError: null, count };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (count - 1));
  return { mean, deviation, standardError: deviation / Math.sqrt(count), count };
}

/** Null if a value is missing: means of different seeds would not be comparable. */
export function spreadOfAll(values: readonly (number | null)[]): Spread | null {
  return values.length === 0 || values.includes(null) ? null : spreadOf(values as readonly number[]);
}
