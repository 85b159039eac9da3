import { StrataError } from "../../errors/strata-error.js";
import type { Measurement } from "../metric/statistics.js";
import type { Sample } from "../output/samples.js";

/** What all tasks have; each kind adds the items that it scores. */
export interface Task {
  readonly name: string;
  readonly kind: string;
}

/** What the evaluation of one task gives. */
export interface TaskResult<MetricName extends string = string, Fields extends object = object> {
  readonly metrics: Readonly<Record<MetricName, Measurement>>;
  readonly samples: readonly Sample<Fields>[];
}

/** Counts what is finished, in the progress unit of the kind of task. */
export type Progress = (done: number, total: number) => void;

/** @throws StrataError if there is nothing to score */
export function requireItems(task: string, count: number, what: string): void {
  if (count > 0) return;
  throw new StrataError("EvaluationError", {
    where: `task ${task}`,
    expected: `at least one ${what}`,
    got: "none",
    hint: "Check the data and the split of this task.",
  });
}
