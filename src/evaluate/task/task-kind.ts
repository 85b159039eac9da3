import type { GeneratorKind } from "../../corpus/documents/dataset.js";
import type { Document } from "../../corpus/documents/documents.js";
import type { RenderChat } from "../../tokenizer/chat/chat-template.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import type { Generator } from "../request/generate-answers.js";
import type { RatioMetric } from "../metric/ratio.js";
import type { TaskJournal } from "../output/score-journal.js";
import type { ScoringOptions } from "../request/score-requests.js";
import type { KeysOfType, RecipeKeys, RecipeValues } from "./recipe-keys.js";
import type { Task, TaskResult } from "./task.js";

/** How a metric is presented. */
export interface MetricFacts {
  /** In tables and figures, such as "exact match, strict". */
  readonly label: string;
  /** In narrow columns, below the name of the task. */
  readonly heading: string;
  /** On an axis, such as "share of items"; null for none. */
  readonly unit: string | null;
  readonly higherIsBetter: boolean;
  /**
   * The metric that this one is a function of, such as the loss for perplexity; null for none. Tables with that metric
   * omit this one.
   */
  readonly restates: string | null;
}

/** The data and settings from which a kind of task loads a task of a recipe. */
export interface TaskSource<Keys extends RecipeKeys = RecipeKeys> {
  readonly name: string;
  /** The values of the kind's whole-number keys. */
  readonly values: { readonly [K in KeysOfType<Keys, "whole">]: number };
  /** Which tokens of a document are predicted. */
  readonly lossOn: "all" | "completions";
  readonly tokenizer: Tokenizer;
  /** Opens the model's chat template; null if the documents are not conversations. */
  readonly openChat: (() => RenderChat) | null;
  /** One item per document of the task, in order. If `itemOf` throws a StrataError, the record counts as bad. */
  items<Item>(itemOf: (document: Document) => Item): Promise<readonly Item[]>;
  /** As `items`, for the data set that a recipe key names; empty if it names none. */
  itemsOf<Item>(key: KeysOfType<Keys, "dataset">, itemOf: (document: Document) => Item): Promise<readonly Item[]>;
}

/** What is known of a task before its run. */
export interface FirstItems<Keys extends RecipeKeys = RecipeKeys> {
  readonly name: string;
  /** The values of the kind's whole-number keys. */
  readonly values: TaskSource<Keys>["values"];
  /** Its first items, as `itemOf.data` returns them. */
  readonly items: readonly unknown[];
  /** File and record of each. */
  readonly places: readonly string[];
  /** Null if the run trains it. */
  readonly tokenizer: Tokenizer | null;
  /** The ids in front of texts; empty without a tokenizer. */
  readonly prefix: readonly number[];
  readonly maxPositions: number;
}

/** The means to score a task. `Request` is the journal's record of a finished request. */
export interface Scoring<Request> extends Omit<ScoringOptions, "journal"> {
  readonly tokenizer: Tokenizer;
  readonly generator: Generator;
  /** T of a loss. */
  readonly sequenceLength: number;
  /** The ids in front of prompts. */
  readonly prefix: readonly number[];
  readonly maxPositions: number;
  readonly journal: TaskJournal<Request>;
}

/**
 * Everything that the program knows about a kind of task. `Fields` are those of its lines in samples.jsonl, `Request`
 * is its journal's record of a finished request, `Keys` are its recipe keys.
 */
export interface TaskKind<
  Kind extends Task = Task,
  MetricName extends string = string,
  Fields extends object = object,
  Request = unknown,
  Keys extends RecipeKeys = RecipeKeys,
> {
  /** In recipes and scores. */
  readonly name: Kind["kind"];
  /** One sentence, for the documentation. */
  readonly description: string;
  readonly recipeKeys: Keys;
  /** The synthetic data that this kind can read; null for any. */
  readonly synthetic: GeneratorKind | null;
  /** In the order of scores.json. */
  readonly metrics: Readonly<Record<MetricName, MetricFacts>>;
  /**
   * How the metrics follow from the lines of samples.jsonl. Reports compute the errors of differences between models
   * from it; those of a metric without an entry count as independent.
   */
  readonly ratios?: { readonly [Metric in MetricName]?: RatioMetric<Fields> };
  /** The metric of a report's verdict and curves. */
  readonly primary: MetricName;
  /** The plural of what `onProgress` counts. */
  readonly progressUnit: string;
  /** Explains the metrics in a report. */
  readonly note: string;
  /** Whether conversations are rendered with the chat template. */
  readonly rendersChat: boolean;
  /**
   * The item of a document, by the key of its data set: `data`, or a recipe key that names another one. Throws
   * StrataError if the document is none. Besides `load`, it serves to check the first records before a run.
   */
  readonly itemOf: Readonly<Record<"data" | KeysOfType<Keys, "dataset">, (document: Document) => unknown>>;
  /** Checks what the first items show before a run. @throws StrataError if the task cannot be scored */
  checkFirst?(first: FirstItems<Keys>): readonly string[];
  load(source: TaskSource<Keys>): Promise<Kind>;
  score(task: Kind, scoring: Scoring<Request>): Promise<TaskResult<MetricName, Fields>>;
}

/** Kinds by name. */
export type TaskKindTable = Readonly<Record<string, TaskKind>>;

/** The tasks of the kinds in a table. */
export type TaskOf<Kinds extends TaskKindTable> = Awaited<ReturnType<Kinds[keyof Kinds]["load"]>>;

/** The lines of samples.jsonl of the kinds in a table. */
export type SampleOf<Kinds extends TaskKindTable> = Awaited<ReturnType<Kinds[keyof Kinds]["score"]>>["samples"][number];

/** An entry of `evaluation` in a recipe with every default written out, for the kinds in a table. */
export type TaskRecipe<Kinds extends TaskKindTable> = {
  [Name in keyof Kinds]: {
    readonly kind: Name;
    readonly name: string;
    /** The name of a data set. */
    readonly data: string;
    readonly split: "validation" | "all";
  } & RecipeValues<Kinds[Name]["recipeKeys"]>;
}[keyof Kinds];
