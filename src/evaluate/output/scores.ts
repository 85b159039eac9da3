/** What evaluations give, as plain data: scores.json, and what a report reads. */

export interface Metric {
  readonly value: number;
  /** Standard error of `value`; null where the task gives none. */
  readonly standardError: number | null;
  readonly higherIsBetter: boolean;
  /** What was averaged: tokens of a loss, items of a task. */
  readonly count: number;
}

export interface TaskScores {
  readonly task: string;
  readonly kind: "loss" | "multiple-choice" | "exact-match";
  /**
   * loss → "loss", "perplexity"; multiple-choice → "acc", "acc_norm";
   * exact-match → "exact_match,strict-match", "exact_match,flexible-extract".
   */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Bad records of its data that the task leaves out; not there for none. */
  readonly skipped?: number;
  readonly seconds: number;
}
