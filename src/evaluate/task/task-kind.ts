import type { Document } from "../../corpus/documents/documents.js";
import type { RenderChat } from "../../tokenizer/chat/chat-template.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import type { Generator } from "../metric/exact-match.js";
import type { TaskJournal } from "../output/score-journal.js";
import type { ScoringOptions } from "../request/score-requests.js";
import type { Task, TaskResult } from "./task.js";

/** What is known of a metric besides its values. */
export interface MetricFacts {
  /** In tables and figures: "exact match, strict". */
  readonly label: string;
  /** In narrow columns, below the name of the task. */
  readonly heading: string;
  /** On an axis: "share of items"; null for none. */
  readonly unit: string | null;
  readonly higherIsBetter: boolean;
  /** The metric that this one only says in another form: tables that show that one leave this one out. */
  readonly restates: string | null;
}

/** What a task of a recipe reads its items from. */
export interface TaskSource {
  readonly name: string;
  /** Solved examples in front of each item. */
  readonly fewShot: number;
  /** Longest answer. */
  readonly maxTokens: number;
  /** What of a document is predicted. */
  readonly lossOn: "all" | "completions";
  readonly tokenizer: Tokenizer;
  /** Opens the model's chat template; null where the documents are no conversations. */
  readonly openChat: (() => RenderChat) | null;
  /** One item of each document of the task, in order. A StrataError of `itemOf` makes the record a bad one. */
  items<Item>(itemOf: (document: Document) => Item): Promise<readonly Item[]>;
  /** The same of the solved examples; empty where the task has none. */
  examples<Item>(itemOf: (document: Document) => Item): Promise<readonly Item[]>;
}

/** What a task is scored with. `Request` is what the journal keeps of a finished request. */
export interface Scoring<Request> extends Omit<ScoringOptions, "journal"> {
  readonly tokenizer: Tokenizer;
  readonly generator: Generator;
  /** T of a loss. */
  readonly sequenceLength: number;
  readonly addBos: boolean;
  readonly maxPositions: number;
  readonly journal: TaskJournal<Request>;
}

/**
 * Everything that the program knows about a kind of task. `Fields` are those of its lines in samples.jsonl, `Request` what
 * its journal keeps of a finished request.
 */
export interface TaskKind<
  Kind extends Task = Task,
  MetricName extends string = string,
  Fields extends object = object,
  Request = unknown,
> {
  /** As recipes and scores write it. */
  readonly name: Kind["kind"];
  /** In the order of scores.json. */
  readonly metrics: Readonly<Record<MetricName, MetricFacts>>;
  /** What the verdict and the curves of a report use. */
  readonly primary: MetricName;
  /** What `onProgress` counts. */
  readonly progressUnit: string;
  /** For readers of a report: what the metrics mean. */
  readonly note: string;
  load(source: TaskSource): Promise<Kind>;
  score(task: Kind, scoring: Scoring<Request>): Promise<TaskResult<MetricName, Fields>>;
}

/** Kinds by name. */
export type TaskKindTable = Readonly<Record<string, TaskKind>>;

/** The tasks of a table's kinds. */
export type TaskOf<Kinds extends TaskKindTable> = Awaited<ReturnType<Kinds[keyof Kinds]["load"]>>;

/** The lines of samples.jsonl of a table's kinds. */
export type SampleOf<Kinds extends TaskKindTable> = Awaited<ReturnType<Kinds[keyof Kinds]["score"]>>["samples"][number];
