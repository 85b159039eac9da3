import type { Metric, TaskScores } from "../../evaluate/output/scores.js";
import { metricOf, type Column } from "../columns.js";
import type { PartScores, ReportFacts, StrategyFacts } from "../facts.js";

/** A symmetric matrix. */
export type Covariances = readonly (readonly number[])[];

/** A strategy or one of its parts. */
export interface Scored {
  readonly scores: readonly TaskScores[];
  readonly covariances?: PartScores["covariances"];
}

/** Of independent scores; a missing standard error counts as 0. */
export function independent(scores: readonly (Metric | null)[]): Covariances {
  return scores.map((score, i) => scores.map((_, j) => (i === j ? (score?.standardError ?? 0) ** 2 : 0)));
}

/** Of the scores of several models; those of two models without a recorded covariance count as independent. */
export function covariancesOf(facts: ReportFacts, models: readonly Scored[], column: Column): Covariances {
  const unknown = independent(models.map(({ scores }) => metricOf(scores, column)));
  return models.map((a, i) => models.map((b, j) => recorded(facts, a, b, column) ?? unknown[i][j]));
}

/** Null if unknown. */
function recorded(facts: ReportFacts, a: Scored, b: Scored, { task, metric }: Column): number | null {
  const [i, j] = [a, b].map((model) => facts.strategies.indexOf(model as StrategyFacts));
  if (i >= 0 && j >= 0) return facts.covariances?.[task]?.[metric]?.[i]?.[j] ?? null;
  const [part, strategy] = i >= 0 ? [b, i] : [a, j];
  return part.covariances?.[task]?.[metric]?.[strategy] ?? null;
}

/** Whether any covariance of two strategies is recorded. */
export function isPaired({ covariances = {} }: ReportFacts): boolean {
  const matrices = Object.values(covariances).flatMap((metrics) => Object.values(metrics));
  return matrices.some((matrix) => matrix.some((row, i) => row.some((value, j) => i !== j && value !== null)));
}

/** Standard error of the sum of scores times weights: √(uᵀ Σ u). */
export function errorOf(weights: readonly number[], covariances: Covariances): number {
  const variance = weights.reduce(
    (total, a, i) => total + weights.reduce((sum, b, j) => sum + a * b * covariances[i][j], 0),
    0,
  );
  return Math.sqrt(Math.max(0, variance)); // rounding can make it negative
}
