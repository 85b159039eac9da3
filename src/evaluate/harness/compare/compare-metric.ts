import { mean, standardError } from "../../metric/statistics.js";
import type { ItemPair } from "./pair-items.js";
import { mcNemarTest, pairedTest, studentTest } from "./paired-tests.js";
import type { ItemValue } from "./read-samples.js";

/** `mcnemar` is exact; `t` is Student's, of the differences. */
export type PairedTest = "mcnemar" | "t";

/** A metric of two models on the same items. */
export interface MetricDifference {
  readonly first: number;
  readonly second: number;
  /** `second` − `first`. */
  readonly difference: number;
  /** Of the difference: standard deviation of the differences of items / √n; null if it is unknown. */
  readonly standardError: number | null;
  /** Two-sided; null if there is no test. */
  readonly p: number | null;
  readonly test: PairedTest | null;
  /** Items that only one of the models has right, if each is right or wrong. */
  readonly onlyRight: { readonly first: number; readonly second: number } | null;
}

type Pair<T> = readonly [first: T, second: T];

/** Null if some item has no value of the metric that can be compared. */
export function compareMetric(metric: string, pairs: readonly ItemPair[]): MetricDifference | null {
  const values = pairs.map(({ first, second }) => [first.values.get(metric), second.values.get(metric)] as const);
  if (values.every((pair): pair is Pair<number> => pair.every((value) => typeof value === "number"))) {
    return compareMeans(values);
  }
  const isWeighted = (value: ItemValue | undefined) => typeof value === "object";
  if (!values.every((pair): pair is Pair<readonly [number, number]> => pair.every(isWeighted))) return null;
  return metric === "bits_per_byte" ? compareRatios(values, bits) : compareRatios(values, perplexity);
}

function compareMeans(values: readonly Pair<number>[]): MetricDifference {
  const differences = values.map(([first, second]) => second - first);
  const [first, second] = [mean(values.map((pair) => pair[0])), mean(values.map((pair) => pair[1]))];
  const common = { first, second, difference: second - first, standardError: standardError(differences) };
  if (!values.every((pair) => pair.every((value) => value === 0 || value === 1))) {
    return { ...common, p: pairedTest(differences), test: "t", onlyRight: null };
  }
  const count = (sign: number) => differences.filter((difference) => difference === sign).length;
  const onlyRight = { first: count(-1), second: count(1) };
  return { ...common, p: mcNemarTest(onlyRight.first, onlyRight.second), test: "mcnemar", onlyRight };
}

/** A metric of r = −Σ log-likelihoods / Σ weights: its value and its derivative. */
type OfRatio = (r: number) => readonly [value: number, derivative: number];

const perplexity: OfRatio = (r) => [Math.exp(r), Math.exp(r)];
const bits: OfRatio = (r) => [r / Math.LN2, 1 / Math.LN2];

/** The standard error is that of the metric's linear approximation, as of a ratio of means. */
function compareRatios(values: readonly Pair<readonly [number, number]>[], ofRatio: OfRatio): MetricDifference {
  const n = values.length;
  const side = (i: 0 | 1) => {
    const weight = values.reduce((sum, pair) => sum + pair[i][1], 0);
    const ratio = -values.reduce((sum, pair) => sum + pair[i][0], 0) / weight;
    const [value, derivative] = ofRatio(ratio);
    const deviations = values.map((pair) => (derivative * (-pair[i][0] - ratio * pair[i][1])) / weight);
    return { value, deviations };
  };
  const [first, second] = [side(0), side(1)];
  const difference = second.value - first.value;
  const common = { first: first.value, second: second.value, difference, onlyRight: null };
  if (n < 2) return { ...common, standardError: null, p: null, test: null };
  const squares = first.deviations.reduce((sum, deviation, i) => sum + (second.deviations[i] - deviation) ** 2, 0);
  const error = Math.sqrt((n / (n - 1)) * squares);
  return { ...common, standardError: error, p: studentTest(difference, error, n - 1), test: "t" };
}
