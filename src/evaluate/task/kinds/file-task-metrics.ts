import type { TaskConfig } from "../../harness/config/task-config.js";
import type { RatioMetric, Term } from "../../metric/ratio.js";
import type { FileTaskSample } from "../../output/samples.js";
import type { Metric } from "../../output/scores.js";
import type { MetricFacts } from "../task-kind.js";

/** The name in scores of a metric after a filter: `acc`, `exact_match,strict-match`. */
export function metricName(metric: string, filter: string): string {
  return filter === "none" ? metric : `${metric},${filter}`;
}

/** The metrics of a task, in the order of its scores. */
export function metricsOfTask({
  filters,
  metrics,
}: Pick<TaskConfig, "filters" | "metrics">): { readonly name: string; readonly higherIsBetter: boolean }[] {
  return filters.flatMap((filter) =>
    metrics.map(({ metric, higherIsBetter }) => ({ name: metricName(metric, filter.name), higherIsBetter })),
  );
}

const labels: Readonly<Record<string, string>> = {
  acc: "accuracy",
  acc_norm: "normalized accuracy",
  acc_bytes: "accuracy per byte",
  exact_match: "exact match",
  mcc: "Matthews correlation",
  word_perplexity: "perplexity per word",
  byte_perplexity: "perplexity per byte",
  bits_per_byte: "bits per byte",
};
const shares = ["acc", "acc_norm", "acc_bytes", "exact_match"];

export function describeMetric(name: string): MetricFacts {
  const [metric, filter] = splitName(name);
  const label = labels[metric] ?? metric;
  const suffix = filter === null ? "" : `,${filter}`;
  // strict-match, flexible-extract
  const short = filter?.replace(/-(match|extract)$/, "");
  return {
    label: short === undefined ? label : `${label}, ${short}`,
    heading: short ?? metric,
    unit: shares.includes(metric) ? "share of items" : null,
    restates: metric === "byte_perplexity" || metric === "bits_per_byte" ? `word_perplexity${suffix}` : null,
  };
}

function splitName(name: string): readonly [metric: string, filter: string | null] {
  const at = name.indexOf(",");
  return at === -1 ? [name, null] : [name.slice(0, at), name.slice(at + 1)];
}

/** By the aggregation of a task file; other aggregations are no function of a ratio. */
const ratios: Readonly<Record<string, { term(score: unknown): Term; derivative(ratio: number): number }>> = {
  mean: { term: (score) => ({ sum: score as number, weight: 1 }), derivative: () => 1 },
  perplexity: { term: (score) => ({ sum: -(score as number), weight: 1 }), derivative: Math.exp },
  weighted_perplexity: { term: pairTerm, derivative: Math.exp },
  bits_per_byte: { term: pairTerm, derivative: () => 1 / Math.LN2 },
};

function pairTerm(score: unknown): Term {
  const [logLikelihood, weight] = score as readonly [number, number];
  return { sum: -logLikelihood, weight };
}

export function metricRatio(name: string, { aggregation }: Metric): RatioMetric<FileTaskSample> | null {
  if (aggregation === undefined || !Object.hasOwn(ratios, aggregation)) return null;
  const { term, derivative } = ratios[aggregation];
  return { term: ({ score }) => term(score[name]), derivative };
}
