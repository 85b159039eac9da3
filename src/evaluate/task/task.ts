import { StrataError } from "../../errors/strata-error.js";
import type { Sample } from "../output/samples.js";
import type { Metric } from "../output/scores.js";

/** A loaded task. Each kind adds what it scores. */
export interface Task {
  readonly name: string;
  readonly kind: string;
}

/** The result of scoring one task. */
export interface TaskResult<Fields extends object = object> {
  /** By name, in order. */
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly samples: readonly Sample<Fields>[];
}

/** Reports progress, in the progress unit of the kind of task. */
export type Progress = (done: number, total: number) => void;

/**
 * @param what  singular of what is counted
 * @throws StrataError if the count is 0
 */
export function requireItems(task: string, count: number, what: string): void {
  if (count > 0) return;
  throw new StrataError("EvaluationError", {
    where: `task ${task}`,
    expected: `at least one ${what}`,
    got: "none",
    hint: "Check the data and the split of this task.",
  });
}
