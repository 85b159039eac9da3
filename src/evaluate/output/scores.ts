/** Results of evaluations, as plain data: the content of scores.json and the input of reports. */

import type { Measurement } from "../metric/statistics.js";
import type { TaskKindName } from "../task/task-kinds.js";

export interface Metric extends Measurement {
  readonly higherIsBetter: boolean;
}

export interface TaskScores<Kind extends string = TaskKindName> {
  readonly task: string;
  readonly kind: Kind;
  /** By name, in the order of the kind. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Number of bad records that were skipped; absent if none. */
  readonly skipped?: number;
  readonly seconds: number;
}
