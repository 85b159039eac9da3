/** What evaluations give, as plain data: scores.json, and what a report reads. */

import type { Measurement } from "../metric/statistics.js";
import type { TaskKindName } from "../task/task-kinds.js";

export interface Metric extends Measurement {
  readonly higherIsBetter: boolean;
}

export interface TaskScores<Kind extends string = TaskKindName> {
  readonly task: string;
  readonly kind: Kind;
  /** By name, those of the kind in its order. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Bad records of its data that the task leaves out; not there for none. */
  readonly skipped?: number;
  readonly seconds: number;
}
