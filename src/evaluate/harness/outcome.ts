import type { Dict, Value } from "../../text/jinja/values/value.js";

/** What one document got through one filter: a line of the samples file. */
export interface LoggedSample {
  readonly docId: number;
  /** As the data set has it, with what the task's function for documents added. */
  readonly doc: Dict;
  readonly target: Value;
  /** Of each request: context and continuation, context and generation settings, or a text. */
  readonly requests: readonly (readonly Value[])[];
  /** Of each request, its repeats: a tuple of log-likelihood and is_greedy, a log-likelihood, or a text. */
  readonly responses: readonly (readonly Value[])[];
  /** Of each request, what the filter left. */
  readonly filtered: readonly Value[];
  readonly filter: string;
  /** In the order of the task: numbers, or a tuple of a log-likelihood and a weight. */
  readonly metrics: readonly (readonly [name: string, value: Value])[];
}

export interface ScoredMetric {
  readonly metric: string;
  readonly filter: string;
  readonly value: number;
  /** Null if it has none, as of a perplexity or of one document. */
  readonly standardError: number | null;
}

export interface TaskOutcome {
  readonly task: string;
  readonly alias: string;
  /** Of the task file's metadata: a PythonFloat for 1.0. */
  readonly version: Value;
  readonly shots: number;
  readonly higherIsBetter: readonly (readonly [metric: string, isBetter: boolean])[];
  readonly metrics: readonly ScoredMetric[];
  /** Documents of the split, and how many of them were scored. */
  readonly documents: { readonly original: number; readonly effective: number };
  /** The task file with defaults, in upstream's order of keys. */
  readonly config: Dict;
  /** Spent on its requests, in all runs; null if that is not known. */
  readonly seconds: number | null;
  readonly samples: readonly LoggedSample[];
}

/** A group or tag that was asked for by name, below the tasks' own outcomes. */
export interface GroupOutcome {
  readonly group: string;
  readonly alias: string;
  readonly version: Value;
  /** Names of tasks and groups, in order. */
  readonly members: readonly string[];
  /** Empty where the group aggregates nothing. */
  readonly metrics: readonly ScoredMetric[];
  /** Whether its file lists metrics to aggregate, even if no task has them. By default, whether there are metrics. */
  readonly aggregates?: boolean;
  readonly documents: number;
}

/** What the results file says of the model and the call, beside the outcomes. */
export interface RunFacts {
  readonly model: string;
  readonly limit: number | null;
  /** Id and text of each special token; null where the tokenizer has none. */
  readonly tokens: Readonly<Record<"pad" | "eos" | "bos", { readonly text: string; readonly id: number } | null>>;
  readonly maxLength: number;
  readonly chatTemplate: string | null;
  readonly fewshotAsMultiturn: boolean;
  readonly systemInstruction: string | null;
  /** `--num_fewshot`; null if it was not given. */
  readonly shots: number | null;
  readonly dtype: string;
  /** `--bos`. */
  readonly bos: string;
  readonly seconds: number;
  /** Seconds since 1970. */
  readonly started: number;
}
