import type { Dict, Value } from "../../../text/jinja/values/value.js";
import type { GroupMetric } from "../output/aggregate-group.js";
import type { FunctionName, Raw } from "./task-yaml.js";

export const outputTypes = ["multiple_choice", "generate_until", "loglikelihood", "loglikelihood_rolling"] as const;

export type OutputType = (typeof outputTypes)[number];

/** A column, a template, a constant, or a function: what a key such as `doc_to_text` says. */
export type Field = string | number | readonly Value[] | FunctionName;

/** What turns a document into a prompt. */
export interface Fields {
  readonly text: Field;
  readonly target: Field;
  readonly choices: Field | null;
}

export interface FewshotConfig extends Fields {
  readonly sampler: "default" | "first_n";
  /** The split of the examples; null: the training split, else the validation split, else the one that is scored. */
  readonly split: string | null;
  /** Written in the task file, in place of a split. */
  readonly samples: readonly Dict[] | null;
  readonly indices: readonly number[] | null;
  readonly processDocs: FunctionName | null;
  readonly generationPrefix: string | null;
  readonly delimiter: string;
  readonly targetDelimiter: string;
}

export interface MetricConfig {
  readonly metric: string;
  /** How one number is made of the values of all documents. */
  readonly aggregation: string;
  readonly higherIsBetter: boolean;
  /** Other keys, such as `ignore_case`. */
  readonly options: ReadonlyMap<string, Raw>;
}

export interface FilterStep {
  readonly function: string;
  readonly options: ReadonlyMap<string, Raw>;
}

export interface FilterConfig {
  readonly name: string;
  readonly steps: readonly FilterStep[];
}

export interface Splits {
  readonly training: string | null;
  readonly validation: string | null;
  readonly test: string | null;
}

/** A task file with its defaults. */
export interface TaskConfig extends Fields {
  readonly task: string;
  readonly alias: string;
  readonly file: string;
  readonly datasetPath: string;
  readonly datasetName: string | null;
  /** `dataset_kwargs`, as plain data. */
  readonly datasetOptions: unknown;
  readonly splits: Splits;
  readonly outputType: OutputType;
  readonly processDocs: FunctionName | null;
  readonly processResults: FunctionName | null;
  readonly description: string;
  readonly targetDelimiter: string;
  readonly fewshot: FewshotConfig;
  /** `num_fewshot` of the file; null if it has none. */
  readonly shots: number | null;
  readonly metrics: readonly MetricConfig[];
  /** Of `generate_until`. */
  readonly generation: Dict | null;
  readonly repeats: number;
  readonly filters: readonly FilterConfig[];
  readonly generationPrefix: string | null;
  readonly version: Value;
  /** The keys with their defaults, in upstream's order, as results show them. */
  readonly dump: Dict;
}

/** A group of tasks. */
export interface GroupConfig {
  readonly group: string;
  readonly alias: string;
  readonly file: string;
  /** Names of tasks, tags and groups. */
  readonly members: readonly string[];
  readonly aggregates: readonly GroupMetric[];
  readonly version: Value;
}
