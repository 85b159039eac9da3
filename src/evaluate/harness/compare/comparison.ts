import type { ChangedItem } from "./changed-items.js";
import type { MetricDifference } from "./compare-metric.js";

/** Two evaluations, item by item. */
export interface EvaluationComparison {
  readonly first: ComparedModel;
  readonly second: ComparedModel;
  readonly tasks: readonly TaskComparison[];
  readonly groups: readonly GroupComparison[];
  /** Tasks that only one of them has. */
  readonly onlyFirst: readonly string[];
  readonly onlySecond: readonly string[];
}

export interface ComparedModel {
  readonly model: string;
  /** The results file. */
  readonly file: string;
}

export interface TaskComparison {
  readonly task: string;
  /** Pairs of items that both evaluations scored. */
  readonly items: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Pairs with another prompt, such as other examples or another template. */
  readonly otherPrompts: number;
  /** Pairs with another expected answer. */
  readonly otherTargets: number;
  readonly metrics: readonly MetricComparison[];
}

export interface MetricComparison extends MetricDifference {
  readonly metric: string;
  readonly filter: string;
  readonly higherIsBetter: boolean | null;
  readonly changed: readonly ChangedItem[];
}

/** A metric over the tasks of a group, such as that of mmlu. */
export interface GroupComparison {
  readonly group: string;
  readonly tasks: number;
  readonly items: number;
  readonly metric: string;
  readonly filter: string;
  readonly first: number;
  readonly second: number;
  /** `second` − `first`. */
  readonly difference: number;
  /** √Σ(weight · standard error of the task's difference)²: tasks have different items. */
  readonly standardError: number | null;
  /** Two-sided, of Student's t; null if there is no standard error. */
  readonly p: number | null;
}
