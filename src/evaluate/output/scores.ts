/** Results of evaluations, as plain data: the content of scores.json and the input of reports. */

import type { Measurement } from "../metric/statistics.js";

export interface Metric extends Measurement {
  readonly higherIsBetter: boolean;
  /** How a task file says that it follows from the items, such as `mean`; absent for a loss. */
  readonly aggregation?: string;
}

export type TaskKindName = "loss" | "task";

export interface TaskScores {
  readonly task: string;
  readonly kind: TaskKindName;
  /** By name, in order. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Number of bad records that were skipped; absent if none. */
  readonly skipped?: number;
  readonly seconds: number;
}
