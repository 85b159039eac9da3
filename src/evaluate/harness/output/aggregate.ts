import { StrataError } from "../../../errors/strata-error.js";
import { repr } from "../../../text/jinja/values/text.js";
import { intOf } from "../../../text/jinja/values/types.js";
import { keyOf, Tuple, type Value } from "../../../text/jinja/values/value.js";
import { PythonFloat } from "../../../text/python-float.js";
import { mean, standardError } from "../../metric/statistics.js";
import { bootstrapError } from "./bootstrap.js";

export interface Aggregate {
  readonly value: number;
  /** Null where the harness prints N/A: of one document, and of ratios of sums. */
  readonly standardError: number | null;
}

interface Aggregation {
  readonly value: (items: readonly Value[]) => number;
  /** Absent if the harness has none. */
  readonly standardError?: (items: readonly Value[]) => number | null;
}

/** How a task file's `aggregation` makes one number of the values of all documents. */
const aggregations: Readonly<Record<string, Aggregation>> = {
  mean: {
    value: (items) => mean(items.map(numberOf)),
    standardError: (items) => standardError(items.map(numberOf)),
  },
  median: bootstrapped((items) => median(items.map(numberOf))),
  nanmean: bootstrapped((items) => nanMean(items.map(numberOf))),
  perplexity: bootstrapped((items) => Math.exp(-mean(items.map(numberOf)))),
  f1: bootstrapped(f1),
  matthews_corrcoef: bootstrapped(matthews),
  weighted_perplexity: { value: (items) => Math.exp(-ratio(items)) },
  bits_per_byte: { value: (items) => -ratio(items) / Math.log(2) },
};

export const aggregationNames: readonly string[] = Object.keys(aggregations);

/**
 * The value of a metric over all documents.
 *
 * @param name  one of `aggregationNames`
 * @param items  of each document, the value of its line in the samples file
 */
export function aggregate(name: string, items: readonly Value[]): Aggregate {
  const { value, standardError: error } = aggregations[name];
  return { value: value(items), standardError: items.length > 1 ? (error?.(items) ?? null) : null };
}

function bootstrapped(value: (items: readonly Value[]) => number): Aggregation {
  return { value, standardError: (items) => bootstrapError(value, items) };
}

function numberOf(value: Value): number {
  if (value instanceof PythonFloat) return value.value;
  return Number(intOf(value) ?? Number.NaN);
}

function pairOf(value: Value): readonly Value[] {
  return value instanceof Tuple ? value.items : (value as readonly Value[]);
}

/** Σ log-likelihoods / Σ weights. */
function ratio(items: readonly Value[]): number {
  const sum = (index: number) => items.reduce<number>((total, item) => total + numberOf(pairOf(item)[index]), 0);
  return sum(0) / sum(1);
}

/** The upper of the two middle values. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function nanMean(values: readonly number[]): number {
  return mean(values.filter((value) => !Number.isNaN(value)));
}

/** Of pairs of gold and prediction, both 0 or 1; 0 without a 1. @throws StrataError for other classes */
function f1(items: readonly Value[]): number {
  let hits = 0;
  let positives = 0;
  for (const [gold, prediction] of items.map((item) => pairOf(item).map(binaryClass))) {
    hits += gold * prediction;
    positives += gold + prediction;
  }
  return positives === 0 ? 0 : (2 * hits) / positives;
}

function binaryClass(value: Value): number {
  const key = keyOf(value);
  if (key === 0 || key === 1) return key;
  throw new StrataError("EvaluationError", {
    where: "aggregation f1",
    expected: "classes 0 and 1",
    got: repr(value),
    hint: "Use matthews_corrcoef for more than two classes.",
  });
}

/** Of pairs of gold and prediction, with any number of classes; 0 if one side has a single class. */
function matthews(items: readonly Value[]): number {
  const golds = new Map<unknown, number>();
  const predictions = new Map<unknown, number>();
  let correct = 0;
  for (const [gold, prediction] of items.map((item) => pairOf(item).map(keyOf))) {
    golds.set(gold, (golds.get(gold) ?? 0) + 1);
    predictions.set(prediction, (predictions.get(prediction) ?? 0) + 1);
    correct += Number(gold === prediction);
  }
  const n = items.length;
  const squares = (counts: ReadonlyMap<unknown, number>) => [...counts.values()].reduce((sum, it) => sum + it * it, 0);
  const crossed = [...golds].reduce((sum, [key, count]) => sum + count * (predictions.get(key) ?? 0), 0);
  const spread = Math.sqrt((n * n - squares(golds)) * (n * n - squares(predictions)));
  return spread === 0 ? 0 : (correct * n - crossed) / spread;
}
