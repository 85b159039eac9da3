import type { RatioMetric } from "../metric/ratio.js";
import type { Metric } from "../output/scores.js";
import type { TaskJournal } from "../output/score-journal.js";
import type { ModelSession } from "../request/model-session.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import type { Progress, Task, TaskResult } from "./task.js";

/** How a metric is presented. */
export interface MetricFacts {
  /** In tables and figures, such as "exact match, strict". */
  readonly label: string;
  /** In narrow columns, below the name of the task. */
  readonly heading: string;
  /** On an axis, such as "share of items"; null for none. */
  readonly unit: string | null;
  /**
   * The metric that this one is a function of on the same tokens, such as the loss for perplexity; null for none.
   * Tables with that metric omit this one.
   */
  readonly restates: string | null;
}

/** The means to score a task. `Request` is the journal's record of a finished request. */
export interface Scoring<Request> {
  readonly tokenizer: Tokenizer;
  readonly session: ModelSession;
  /** T of a loss. */
  readonly sequenceLength: number;
  /** The ids in front of prompts. */
  readonly prefix: readonly number[];
  readonly maxPositions: number;
  /** Rows of a forward pass. */
  readonly maxRows: number;
  readonly journal: TaskJournal<Request>;
  readonly onProgress: Progress;
}

/**
 * How the tasks of one kind are scored and presented. `Fields` are those of its lines in samples.jsonl, `Request` is
 * its journal's record of a finished request.
 */
export interface TaskKind<OwnTask extends Task = Task, Fields extends object = object, Request = unknown> {
  /** The plural of what `onProgress` counts. */
  readonly progressUnit: string;
  /** Explains the metrics in a report. */
  readonly note: string;
  describe(metric: string): MetricFacts;
  /** The metric of a report's verdict and curves, of at least one. */
  primaryOf(metrics: readonly string[]): string;
  /**
   * How a metric follows from the lines of samples.jsonl, from which reports compute the errors of differences between
   * models; null if the errors count as independent.
   */
  ratioOf(metric: string, facts: Metric): RatioMetric<Fields> | null;
  score(task: OwnTask, scoring: Scoring<Request>): Promise<TaskResult<Fields>>;
}
